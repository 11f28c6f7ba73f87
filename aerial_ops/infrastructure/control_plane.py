"""Azure's control plane as the kit sees it; the only importer of the azure-mgmt clients."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from aerial_ops.clouds.base import ArmEndpoint
from aerial_ops.errors import InfrastructureError
from aerial_ops.infrastructure.cloud_clock import CloudClock
from aerial_ops.infrastructure.facts import (
    ENVIRONMENT_TAG,
    ClusterFacts,
    Found,
    GroupFacts,
    SwitchFacts,
    cluster_of,
    found_of,
    switch_of,
)

if TYPE_CHECKING:  # each client takes a tenth of a second to import: only those in use are
    from azure.mgmt.authorization import AuthorizationManagementClient
    from azure.mgmt.automation import AutomationClient
    from azure.mgmt.hdinsight import HDInsightManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient
    from azure.mgmt.storage import StorageManagementClient

DELETE_PATIENCE_SECONDS = 3600.0
LONGEST_PAUSE_SECONDS = 15.0
_API = {  # api-versions for deletion by id, by resource type
    "microsoft.hdinsight/clusters": "2021-06-01",
    "microsoft.storage/storageaccounts": "2023-05-01",
    "microsoft.automation/automationaccounts": "2023-11-01",
    "microsoft.automation/automationaccounts/runbooks": "2023-11-01",
    "microsoft.managedidentity/userassignedidentities": "2023-01-31",
    "microsoft.network/virtualnetworks": "2024-05-01",
    "microsoft.network/networksecuritygroups": "2024-05-01",
}


class ControlPlane:
    """One subscription. Methods raise InfrastructureError with Azure's own code and words."""

    def __init__(self, arm: ArmEndpoint, pause: Callable[[float], None] = time.sleep) -> None:
        self._arm, self._pause, self._clock = arm, pause, CloudClock()

    def signed_in_as(self) -> str:
        """The subscription's name; the first thing to ask, because it shows whether the sign-in works."""
        from azure.mgmt.resource.subscriptions import SubscriptionClient

        with _explained("read the subscription"):
            client = SubscriptionClient(self._arm.credential, **self._options)
            return str(client.subscriptions.get(self._arm.subscription).display_name)

    def now(self) -> datetime:
        """Azure's time, as its last answer told it; this machine's when there is no answer."""
        if self._clock.ahead is None:
            with suppress(AzureError):  # whoever needs more than the time from Azure will be told
                self._resources.resource_groups.check_existence("aerial-ops")
        return self._clock.now()

    def inventory(self, environment: str | None = None) -> list[Found]:
        """Everything with our tag, of one environment or of all: groups first."""
        test = f"tagName eq '{ENVIRONMENT_TAG}'" + (f" and tagValue eq '{environment}'" if environment else "")
        with _explained("list what exists"):
            groups = [found_of(group) for group in self._resources.resource_groups.list(filter=test)]
            return [*groups, *(found_of(one) for one in self._resources.resources.list(filter=test))]

    def strangers(self, group: str, environment: str) -> list[Found]:
        """What is in `group` without the environment's tag: somebody else's, never deleted."""
        with _explained(f"list the group {group}"):
            try:
                inside = [found_of(one) for one in self._resources.resources.list_by_resource_group(group)]
            except ResourceNotFoundError:
                return []
        return [one for one in inside if one.environment != environment]

    def group(self, name: str) -> Found | None:
        """The resource group, or None."""
        with _explained(f"look for the group {name}"):
            try:
                return found_of(self._resources.resource_groups.get(name))
            except ResourceNotFoundError:
                return None

    def group_facts(self, name: str) -> GroupFacts | None:
        """Whether the resource group is being removed; None when it is gone."""
        with _explained(f"read the group {name}"):
            try:
                properties = self._resources.resource_groups.get(name).properties
            except ResourceNotFoundError:
                return None
        return GroupFacts(is_going=bool(properties and properties.provisioning_state == "Deleting"))

    def cores(self, location: str) -> tuple[int, int]:
        """HDInsight cores in use and allowed in a region."""
        with _explained(f"read the quota of {location}"):
            usages = self._hdinsight.locations.list_usages(location).value or []
        for usage in usages:
            if usage.name and str(usage.name.value).lower() == "cores":
                return int(usage.current_value or 0), int(usage.limit or 0)
        raise InfrastructureError(
            f"Azure says nothing of HDInsight cores in {location}.", suggestion="Check the name of the region."
        )

    def cores_of(self, location: str) -> dict[str, int]:
        """Cores of each node size that HDInsight offers in a region; names in small letters."""
        with _explained(f"list the node sizes of {location}"):
            specs = self._hdinsight.locations.list_billing_specs(location).vm_size_properties or []
        return {str(spec.name).lower(): int(spec.cores or 0) for spec in specs}

    def storage_name_problem(self, name: str) -> str:
        """Why a storage account cannot have this name; empty when it can."""
        with _explained(f"check the name {name}"):
            answer = self._storage.storage_accounts.check_name_availability(
                {"name": name, "type": "Microsoft.Storage/storageAccounts"}
            )
        return "" if answer.name_available else str(answer.message or answer.reason)

    def cluster(self, group: str, name: str) -> ClusterFacts | None:
        """The cluster, or None."""
        with _explained(f"read the cluster {name}"):
            try:
                found = self._hdinsight.clusters.get(group, name)
            except ResourceNotFoundError:
                return None
        return cluster_of(found)

    def clusters(self, group: str) -> list[ClusterFacts]:
        """The clusters in a group."""
        with _explained(f"list the clusters of {group}"):
            try:
                return [cluster_of(one) for one in self._hdinsight.clusters.list_by_resource_group(group)]
            except ResourceNotFoundError:
                return []

    def switch(self, group: str, account: str) -> SwitchFacts:
        """The dead man's switch in an Automation account: its schedule, the link that lets it run a runbook, its right to."""
        scope = f"/subscriptions/{self._arm.subscription}/resourceGroups/{group}"
        with _explained(f"read the dead man's switch of {group}"):
            try:
                identity = self._automation.automation_account.get(group, account).identity
                schedules = list(self._automation.schedule.list_by_automation_account(group, account))
                links = list(self._automation.job_schedule.list_by_automation_account(group, account))
                of_it = f"principalId eq '{identity.principal_id}'" if identity else ""
                roles = list(self._authorization.role_assignments.list_for_scope(scope, filter=of_it)) if of_it else []
            except ResourceNotFoundError:
                return SwitchFacts(False, None, "it does not exist")
        return switch_of(schedules, links, any(_within(scope, str(role.scope)) for role in roles))

    def delete(self, found: Found) -> None:
        """Delete it and wait until it is gone. A cluster that is still being created is asked again until it may be deleted."""
        deadline = time.monotonic() + DELETE_PATIENCE_SECONDS
        pause = 1.0
        while True:
            try:
                with _explained(f"delete {found.name}"):
                    self._wait(self._begin_delete(found), found, deadline)
            except _ConflictError as conflict:
                if time.monotonic() > deadline:
                    raise InfrastructureError(conflict.message, suggestion="Try again: aerial-ops down") from conflict
                self._pause(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                return

    @staticmethod
    def _wait(deletion: Any, found: Found, deadline: float) -> None:
        deletion.wait(max(deadline - time.monotonic(), 0.0))
        if not deletion.done():
            raise InfrastructureError(f"{found.name} is still being deleted.", suggestion="Look again later: aerial-ops down")
        deletion.result()

    def _begin_delete(self, found: Found) -> Any:
        try:
            if found.type == "group":
                return self._resources.resource_groups.begin_delete(found.name)
            return self._resources.resources.begin_delete_by_id(found.id, api_version=_API.get(found.type.lower(), "2021-04-01"))
        except ResourceNotFoundError:
            return _Done()

    @property
    def _options(self) -> dict[str, Any]:
        trust = {"connection_verify": str(self._arm.trust)} if self._arm.trust else {}
        return {"base_url": self._arm.url, "credential_scopes": [self._arm.scope], "per_call_policies": [self._clock], **trust}

    @cached_property
    def _resources(self) -> "ResourceManagementClient":
        from azure.mgmt.resource.resources import ResourceManagementClient

        return ResourceManagementClient(self._arm.credential, self._arm.subscription, **self._options)

    @cached_property
    def _automation(self) -> "AutomationClient":
        from azure.mgmt.automation import AutomationClient

        return AutomationClient(self._arm.credential, self._arm.subscription, **self._options)

    @cached_property
    def _authorization(self) -> "AuthorizationManagementClient":
        from azure.mgmt.authorization import AuthorizationManagementClient

        return AuthorizationManagementClient(self._arm.credential, self._arm.subscription, **self._options)

    @cached_property
    def _storage(self) -> "StorageManagementClient":
        from azure.mgmt.storage import StorageManagementClient

        return StorageManagementClient(self._arm.credential, self._arm.subscription, **self._options)

    @cached_property
    def _hdinsight(self) -> "HDInsightManagementClient":
        from azure.mgmt.hdinsight import HDInsightManagementClient

        return HDInsightManagementClient(self._arm.credential, self._arm.subscription, **self._options)


class _Done:
    """The deletion of what was gone already."""

    def wait(self, _: float) -> None: ...

    def done(self) -> bool:
        return True

    def result(self) -> None: ...


class _ConflictError(InfrastructureError):
    """Azure's 409: not now."""


def _within(id: str, scope: str) -> bool:
    return f"{id.lower()}/".startswith(f"{scope.lower().rstrip('/')}/")


@contextmanager
def _explained(action: str) -> Iterator[None]:
    try:
        yield
    except ClientAuthenticationError as error:
        raise InfrastructureError(
            f"Azure did not accept the sign-in when asked to {action}: {_words(error)}",
            suggestion="Sign in (az login, or the variables azure-identity reads), then: aerial-ops doctor",
        ) from error
    except HttpResponseError as error:
        kind = _ConflictError if error.status_code == 409 else InfrastructureError
        raise kind(f"Azure refused to {action}: {_words(error)}", suggestion="What to check: aerial-ops doctor") from error
    except AzureError as error:
        raise InfrastructureError(
            f"Azure did not answer when asked to {action}: {_words(error)}",
            suggestion="Check the network, then run the command again.",
        ) from error


def _words(error: AzureError) -> str:
    code = getattr(getattr(error, "error", None), "code", None)
    text = str(getattr(getattr(error, "error", None), "message", None) or error.message or error).splitlines()[0].rstrip(".")
    return f"{code}: {text}." if code else f"{text}."
