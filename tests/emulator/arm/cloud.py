"""An emulated cloud in this process: a real server over TLS, records in place of Azurite and Livy, and clients for it."""

import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from azure.identity import ClientSecretCredential

from aerial_ops.emulator.arm.addresses import ArmConnection
from aerial_ops.emulator.arm.backends import Backends, RecordOnly
from aerial_ops.emulator.arm.identity import ensure_identity
from aerial_ops.emulator.arm.server import Binding, build_server, listening_socket
from aerial_ops.emulator.arm.service import Arm, Options
from aerial_ops.emulator.arm.store import Store
from aerial_ops.emulator.certificates import Certificates
from aerial_ops.emulator.ports import free_port

GROUP_API, STORAGE_API, CLUSTER_API, AUTOMATION_API = "2023-07-01", "2025-08-01", "2021-06-01", "2024-10-23"


class EmulatedCloud:
    """`arm` is the service itself; `http` speaks to it over TLS with a token of the first application."""

    def __init__(
        self,
        folder: Path,
        certificates: Certificates,
        backends: Callable[[int], Callable[[Store], Backends]] | None = None,  # given the storage port
        **options: Any,
    ):
        self.folder, self.certificates = folder, certificates
        self.options = {"pace": 100_000.0, **options}
        self.port, self.storage_port = free_port(), free_port()
        self._backends: Callable[[Store], Backends] = backends(self.storage_port) if backends else RecordOnly
        self.identity = ensure_identity(folder)
        self.subscription = self.identity.subscriptions[0]
        self.url = f"https://127.0.0.1:{self.port}"
        self.up()
        trust = ssl.create_default_context(cafile=str(certificates.authority))
        self.http = httpx.Client(base_url=self.url, verify=trust, trust_env=False, timeout=30)
        self.control = httpx.Client(
            base_url=f"{self.url}/__emulator/",
            verify=trust,
            trust_env=False,
            timeout=60,
            headers={"Authorization": f"Bearer {self.identity.control_token}"},
        )
        self.sign_in()

    def connection(self, **more: Any) -> ArmConnection:
        """What the emulator's own start would write for its clients."""
        return ArmConnection(
            url=self.url,
            storage_suffix=f"localhost:{self.storage_port}",
            tenant=self.identity.tenant,
            subscription=self.subscription,
            client_id=self.identity.client_id,
            client_secret=self.identity.client_secret,
            control_token=self.identity.control_token,
            ca_file=str(self.certificates.authority),
            **more,
        )

    def up(self) -> None:
        options = Options(f"localhost:{self.storage_port}", **self.options)
        self.arm = Arm(Store(self.folder / "state.sqlite"), self.identity, options, self._backends)
        self.arm.start()
        self._server: uvicorn.Server = build_server(
            self.arm, Binding(self.port, self.certificates.certificate, self.certificates.key)
        )
        listener = listening_socket(self.port)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)

    def down(self) -> None:
        self._server.should_exit = self._server.force_exit = True  # as a kill: open connections just end
        self._thread.join()
        self.arm.stop()

    def close(self) -> None:
        self.http.close()
        self.control.close()
        self.down()

    # Clients

    def token(self, **form: str) -> httpx.Response:
        wanted = {
            "client_id": self.identity.client_id,
            "client_secret": self.identity.client_secret,
            "grant_type": "client_credentials",
            "scope": f"{self.url}/.default",
        }
        data = {name: value for name, value in {**wanted, **form}.items() if value}
        return self.http.post(f"/{self.identity.tenant}/oauth2/v2.0/token", data=data)

    def sign_in(self) -> None:
        self.http.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    def credential(self, **more: Any) -> ClientSecretCredential:
        return ClientSecretCredential(
            self.identity.tenant,
            self.identity.client_id,
            more.pop("secret", self.identity.client_secret),
            authority=self.url,
            disable_instance_discovery=True,
            connection_verify=str(self.certificates.authority),
            **more,
        )

    def sdk(self, client: Any, **more: Any) -> Any:
        return client(
            self.credential(),
            self.subscription,
            base_url=self.url,
            credential_scopes=[f"{self.url}/.default"],
            connection_verify=str(self.certificates.authority),
            polling_interval=0,
            **more,
        )

    # Requests

    def path(self, tail: str = "") -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/rg{tail}"

    def call(self, method: str, path: str, api: str = GROUP_API, body: Any = None, **query: str) -> httpx.Response:
        return self.http.request(method, path, params={"api-version": api, **query}, json=body)

    def settled(self) -> None:
        assert self.arm.worker.settle(20)

    def finished(self, answer: httpx.Response) -> dict[str, Any]:
        """Follow the operation that an answer started, and give its last body."""
        assert answer.status_code in (200, 201, 202), answer.text
        style = "Azure-AsyncOperation" if "Azure-AsyncOperation" in answer.headers else "Location"
        url = answer.headers[style]
        for _ in range(400):
            polled = self.http.get(url)
            body = polled.json() if polled.content else {}
            if style == "Location" and polled.status_code != 202:
                return body
            if style != "Location" and body["status"] != "InProgress":
                return body
            time.sleep(0.005)
        raise AssertionError(f"{url} does not end")

    def jump(self, seconds: float) -> None:
        self.control.post("clock", json={"jump": seconds}).raise_for_status()

    def fault(self, kind: str, **more: Any) -> None:
        self.control.post("faults", json={"kind": kind, **more}).raise_for_status()

    # Things

    def make_group(self, **tags: str) -> None:
        assert self.call("PUT", self.path(), body={"location": "eastus", "tags": tags}).status_code in (200, 201)

    def make_account(self, name: str = "stone") -> str:
        """Make a storage account; gives its first key."""
        path = self.path(f"/providers/Microsoft.Storage/storageAccounts/{name}")
        body = {
            "location": "eastus",
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "properties": {"minimumTlsVersion": "TLS1_2"},
        }
        self.finished(self.call("PUT", path, STORAGE_API, body))
        return str(self.call("POST", f"{path}/listKeys", STORAGE_API).json()["keys"][0]["value"])

    def cluster_path(self, name: str = "spark1") -> str:
        return self.path(f"/providers/Microsoft.HDInsight/clusters/{name}")

    def cluster_body(self, key: str, workers: int = 2, account: str = "stone") -> dict[str, Any]:
        def role(name: str, count: int, size: str = "Standard_D12_V2") -> dict[str, Any]:
            profile = {"username": "sshuser", "password": "Node-password-1"}
            return {
                "name": name,
                "targetInstanceCount": count,
                "hardwareProfile": {"vmSize": size},
                "osProfile": {"linuxOperatingSystemProfile": profile},
            }

        host = f"{account}.blob.localhost:{self.storage_port}"
        gateway = {
            "restAuthCredential.isEnabled": True,
            "restAuthCredential.username": "admin",
            "restAuthCredential.password": "Gate-password-1",
        }
        return {
            "location": "eastus",
            "tags": {"made": "by test"},
            "properties": {
                "clusterVersion": "5.1",
                "osType": "Linux",
                "tier": "Standard",
                "clusterDefinition": {
                    "kind": "SPARK",
                    "componentVersion": {"Spark": "3.3"},
                    "configurations": {"gateway": gateway},
                },
                "storageProfile": {"storageaccounts": [{"name": host, "container": "cluster", "key": key, "isDefault": True}]},
                "computeProfile": {
                    "roles": [role("headnode", 2), role("workernode", workers), role("zookeepernode", 3, "Standard_A2_V2")]
                },
            },
        }

    def make_cluster(self, workers: int = 2, name: str = "spark1") -> httpx.Response:
        """A group, an account and a cluster; gives the answer of the PUT, followed to its end."""
        self.make_group()
        body = self.cluster_body(self.make_account(), workers)
        answer = self.call("PUT", self.cluster_path(name), CLUSTER_API, body)
        self.last = self.finished(answer)
        return answer
