"""azurerm_storage_account and azurerm_storage_container."""

from typing import Any

from aerial_ops.emulator.azurerm.checks import matching, one_of
from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.resource import Context, Resource, name_of, part
from aerial_ops.emulator.azurerm.values import State

VERSION = "2025-08-01"
# argument -> name in Resource Manager's properties, for what is copied as it is
_PROPERTIES = {
    "access_tier": "accessTier",
    "allow_nested_items_to_be_public": "allowBlobPublicAccess",
    "cross_tenant_replication_enabled": "allowCrossTenantReplication",
    "shared_access_key_enabled": "allowSharedKeyAccess",
    "default_to_oauth_authentication": "defaultToOAuthAuthentication",
    "dns_endpoint_type": "dnsEndpointType",
    "is_hns_enabled": "isHnsEnabled",
    "local_user_enabled": "isLocalUserEnabled",
    "nfsv3_enabled": "isNfsV3Enabled",
    "sftp_enabled": "isSftpEnabled",
    "min_tls_version": "minimumTlsVersion",
    "https_traffic_only_enabled": "supportsHttpsTrafficOnly",
}


class StorageAccount(Resource):
    """A storage account."""

    type_name = "azurerm_storage_account"
    title = "Storage Account"
    version = VERSION
    force_new = frozenset(
        {"name", "resource_group_name", "location", "account_tier", "edge_zone", "infrastructure_encryption_enabled"}
        | {"is_hns_enabled", "nfsv3_enabled", "queue_encryption_key_type", "table_encryption_key_type", "dns_endpoint_type"}
    )
    defaults = {
        "account_kind": "StorageV2",
        "allow_nested_items_to_be_public": True,
        "cross_tenant_replication_enabled": False,
        "default_to_oauth_authentication": False,
        "dns_endpoint_type": "Standard",
        "https_traffic_only_enabled": True,
        "infrastructure_encryption_enabled": False,
        "is_hns_enabled": False,
        "local_user_enabled": True,
        "min_tls_version": "TLS1_2",
        "nfsv3_enabled": False,
        "public_network_access_enabled": True,
        "queue_encryption_key_type": "Service",
        "sftp_enabled": False,
        "shared_access_key_enabled": True,
        "table_encryption_key_type": "Service",
    }
    checks = {
        "name": matching(
            "[a-z0-9]{3,24}", "name can only consist of lowercase letters and numbers, and must be between 3 and 24 long"
        ),
        "account_kind": one_of("Storage", "BlobStorage", "BlockBlobStorage", "FileStorage", "StorageV2"),
        "account_tier": one_of("Standard", "Premium"),
        "account_replication_type": one_of("LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"),
        "access_tier": one_of("Hot", "Cool", "Cold", "Premium"),
        "min_tls_version": one_of("TLS1_2"),
    }
    minutes = {"create": 60, "read": 5, "update": 60, "delete": 60}

    def resource_id(self, azure: Azure, plan: State) -> str:
        """GROUP/providers/Microsoft.Storage/storageAccounts/NAME."""
        return f"{azure.group_id(plan['resource_group_name'])}/providers/Microsoft.Storage/storageAccounts/{plan['name']}"

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT, then wait for its provisioning."""
        settings = {**self.defaults, **{name: value for name, value in plan.items() if value is not None}}
        properties: dict[str, Any] = {theirs: settings.get(ours) for ours, theirs in _PROPERTIES.items()}
        properties["accessTier"] = plan["access_tier"] if isinstance(plan["access_tier"], str) else "Hot"
        services = {
            "queue": {"keyType": settings["queue_encryption_key_type"]},
            "table": {"keyType": settings["table_encryption_key_type"]},
        }
        properties["encryption"] = {"keySource": "Microsoft.Storage", "services": services}
        properties["networkAcls"] = {
            "bypass": "AzureServices",
            "defaultAction": "Allow",
            "ipRules": [],
            "virtualNetworkRules": [],
        }
        properties["publicNetworkAccess"] = "Enabled" if settings["public_network_access_enabled"] else "Disabled"
        body = {
            "kind": settings["account_kind"],
            "location": plan["location"],
            "sku": {"name": f"{plan['account_tier']}_{plan['account_replication_type']}", "tier": plan["account_tier"]},
            "identity": {"type": "None"},
            "tags": plan["tags"] or {},
            "properties": properties,
        }
        response = ctx.azure.call("PUT", resource_id, self.version, body, ok=(200, 202), operation="Create")
        ctx.settle(response, resource_id, self.version, "Create")

    def read(self, ctx: Context, state: State) -> State | None:
        """GET, listKeys, and the two services that the provider looks at."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        keys = ctx.azure.call(
            "POST", f"{state['id']}/listKeys?$expand=kerb", self.version, ok=(200,), operation="ListKeys"
        ).json()["keys"]
        for service in ("blobServices", "fileServices"):
            ctx.azure.get(f"{state['id']}/{service}/default", self.version)
        properties = found["properties"]
        tier, replication = found["sku"]["name"].split("_")
        endpoint = properties["primaryEndpoints"]["blob"]
        host = endpoint.removeprefix("https://").rstrip("/")
        suffix = host.partition(".blob.")[2]
        out = {ours: properties[theirs] for ours, theirs in _PROPERTIES.items() if properties.get(theirs) is not None}
        out |= {
            "name": found["name"],
            "resource_group_name": part(state["id"], "resourceGroups"),
            "location": found["location"],
            "account_kind": found["kind"],
            "account_tier": tier,
            "account_replication_type": replication,
            "tags": found.get("tags"),
            "public_network_access_enabled": properties.get("publicNetworkAccess", "Enabled") == "Enabled",
            "primary_location": properties.get("primaryLocation"),
            "secondary_location": properties.get("secondaryLocation", ""),
            "primary_blob_endpoint": endpoint,
            "primary_blob_host": host,
            "secondary_blob_endpoint": "",
            "secondary_blob_host": "",
            "large_file_share_enabled": properties.get("largeFileSharesState") == "Enabled",
        }
        for which, key in zip(("primary", "secondary"), keys, strict=False):
            text = f"DefaultEndpointsProtocol=https;AccountName={found['name']};AccountKey={key['value']};EndpointSuffix={suffix}"
            out |= {
                f"{which}_access_key": key["value"],
                f"{which}_connection_string": text,
                f"{which}_blob_connection_string": text,
            }
        return out


class StorageContainer(Resource):
    """A blob container, made through Resource Manager."""

    type_name = "azurerm_storage_container"
    title = "Container"
    version = VERSION
    force_new = frozenset({"name", "storage_account_id", "default_encryption_scope", "encryption_scope_override_enabled"})
    defaults = {"container_access_type": "private", "encryption_scope_override_enabled": True}
    checks = {
        "name": matching(
            r"\$root|\$web|[a-z0-9](?:-?[a-z0-9]){2,62}", "only lowercase alphanumeric characters and hyphens allowed, 3 to 63"
        ),
        "container_access_type": one_of("blob", "container", "private"),
    }

    def resource_id(self, azure: Azure, plan: State) -> str:
        """ACCOUNT/blobServices/default/containers/NAME."""
        return f"{plan['storage_account_id']}/blobServices/default/containers/{plan['name']}"

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT on Resource Manager, not on the blob service."""
        access = (plan["container_access_type"] or "private").capitalize()
        metadata = plan["metadata"] if isinstance(plan["metadata"], dict) else {}
        body = {"properties": {"publicAccess": "None" if access == "Private" else access, "metadata": metadata}}
        ctx.azure.call("PUT", resource_id, self.version, body, ok=(200, 201), operation="Create")

    def read(self, ctx: Context, state: State) -> State | None:
        """GET of the container; its account tells where the blob service is."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        account_id = state["id"].partition("/blobServices/")[0]
        account = ctx.azure.get(account_id, self.version)
        if account is None:
            return None
        properties = found.get("properties") or {}
        access = str(properties.get("publicAccess") or "None").lower()
        name = name_of(state["id"])
        return {
            "name": name,
            "storage_account_id": account_id,
            "container_access_type": "private" if access == "none" else access,
            "metadata": properties.get("metadata") or {},
            "default_encryption_scope": properties.get("defaultEncryptionScope") or "$account-encryption-key",
            "encryption_scope_override_enabled": not properties.get("denyEncryptionScopeOverride", False),
            "has_immutability_policy": bool(properties.get("hasImmutabilityPolicy")),
            "has_legal_hold": bool(properties.get("hasLegalHold")),
            "url": f"{account['properties']['primaryEndpoints']['blob'].rstrip('/')}/{name}",
        }

    def delete(self, ctx: Context, state: State) -> None:
        """DELETE; it is gone at once."""
        ctx.azure.call("DELETE", state["id"], self.version, ok=(200, 204))
