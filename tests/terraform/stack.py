"""The project's Terraform roots on the emulated cloud, through the real `terraform` and the provider's stand-in."""

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from aerial_ops.emulator.azurerm.mirror import write_mirror
from tests.emulator.arm.cloud import EmulatedCloud

TERRAFORM = Path(__file__).resolve().parents[2] / "terraform"
SECRETS = {"gateway_password": "Gateway-Passw0rd!", "ssh_password": "Nodes-Passw0rd!"}
SCRIPT = "https://stone.blob.localhost/cluster/bootstrap.sh?sig=c2VjcmV0LXNpZ25hdHVyZQ"


def copy_tree(folder: Path) -> Path:
    """A copy of terraform/ to work in: no lock file and no state is ever written into the project."""
    return shutil.copytree(TERRAFORM, folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))


def moment(hours: float) -> str:
    """A deadline some hours ahead."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def base_environment(config: Path) -> dict[str, str]:
    """Terraform's environment without anything of the user's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "ARM_"))}
    return {**kept, "TF_CLI_CONFIG_FILE": str(config), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}


def start_provider(folder: Path, environment: dict[str, str] | None = None) -> tuple["subprocess.Popen[bytes]", str]:
    """One provider process for any number of commands, and what TF_REATTACH_PROVIDERS must be."""
    file = folder / "reattach.json"
    process = subprocess.Popen([sys.executable, "-m", "aerial_ops.emulator.azurerm", "--reattach", str(file)], env=environment)
    limit = time.monotonic() + 60
    while not file.exists():
        assert process.poll() is None and time.monotonic() < limit, "the provider did not start"
        time.sleep(0.02)
    return process, file.read_text()


class Stack:
    """Both roots, in a folder of their own.

    With `one_provider` one provider process serves every command, which is three times as fast; without it Terraform starts
    and stops the provider as it does for a user.
    """

    def __init__(self, folder: Path, cloud: EmulatedCloud, *, one_provider: bool = False, **environment: str) -> None:
        self.tree = copy_tree(folder / "terraform")
        self.cloud = cloud
        self.said: list[str] = []  # by Terraform to a person
        self._provider: subprocess.Popen[bytes] | None = None
        identity = cloud.identity
        self.environment = {
            **base_environment(write_mirror(folder / "mirror")),
            "ARM_METADATA_HOSTNAME": f"127.0.0.1:{cloud.port}",
            "ARM_SUBSCRIPTION_ID": cloud.subscription,
            "ARM_TENANT_ID": identity.tenant,
            "ARM_CLIENT_ID": identity.client_id,
            "ARM_CLIENT_SECRET": identity.client_secret,
            "SSL_CERT_FILE": str(cloud.certificates.authority),
            "GO_AZURE_SDK_SKIP_POLLING_DELAY": "true",
            **environment,
        }
        if one_provider:
            self._provider, self.environment["TF_REATTACH_PROVIDERS"] = start_provider(folder, self.environment)
        self.data: dict[str, Any] = {
            "environment": "demo",
            "owner": "ops@example.com",
            "storage_account_name": "stonedemo",
            "deadline": moment(3),
        }
        self.compute: dict[str, Any] = {
            "cluster_name": "aerial-ops-demo",
            "worker_count": 4,
            "script_action_uri": SCRIPT,
            **SECRETS,
        }

    def close(self) -> None:
        if self._provider is not None:
            self._provider.terminate()
            self._provider.wait(30)
        self.cloud.close()

    def start(self, root: str, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        """Start `terraform ARGUMENTS` in `root`, in a process group of its own."""
        values = self.data if root == "data" else {**self.handed_over(), **self.compute}
        variables = {f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
        return subprocess.Popen(
            ["terraform", *arguments],
            cwd=self.tree / root,
            env={**self.environment, **variables, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, root: str, *arguments: str, status: int = 0, **more: str) -> str:
        """What `terraform ARGUMENTS` says in `root`."""
        process = self.start(root, *arguments, **more)
        try:
            said, _ = process.communicate(timeout=300)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        assert process.returncode == status, said
        if "-json" not in arguments:
            self.said.append(said)
        return said

    def init(self, *roots: str) -> None:
        for root in roots or ("data", "compute"):
            self.run(root, "init", "-no-color", "-input=false")

    def apply(self, root: str, status: int = 0, **more: str) -> str:
        return self.run(root, "apply", "-no-color", "-input=false", "-auto-approve", status=status, **more)

    def destroy(self, root: str, status: int = 0, **more: str) -> str:
        return self.run(root, "destroy", "-no-color", "-input=false", "-auto-approve", status=status, **more)

    def changes(self, root: str, **more: str) -> list[tuple[str, list[str]]]:
        """Address and actions of what a plan would do."""
        self.run(root, "plan", "-no-color", "-input=false", "-out=plan", **more)
        plan = json.loads(self.run(root, "show", "-json", "plan", **more).splitlines()[-1])
        found = [(item["address"], item["change"]["actions"]) for item in plan.get("resource_changes", [])]
        return [(address, actions) for address, actions in found if actions not in (["no-op"], ["read"])]

    def outputs(self, root: str) -> dict[str, Any]:
        said = subprocess.run(
            ["terraform", "output", "-json"],
            cwd=self.tree / root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return {name: item["value"] for name, item in json.loads(said.stdout).items()}

    def handed_over(self) -> dict[str, Any]:
        """What the compute layer takes from the data layer."""
        out = self.outputs("data")
        same = ("resource_group_name", "location", "storage_account_id", "storage_account_key", "switch_link_id", "deadline")
        kept = {name: self.data[name] for name in ("environment", "owner")}
        return {
            **kept,
            **{name: out[name] for name in same if name in out},
            "storage_container_url": out.get("cluster_container_url", ""),
        }

    def group(self, tail: str = "") -> str:
        """The id of the environment's resource group, or of something in it."""
        return f"/subscriptions/{self.cloud.subscription}/resourceGroups/aerial-ops-demo{tail}"

    def left(self) -> list[str]:
        """Ids of everything that exists in the cloud."""
        resources = self.cloud.control.get("state").json()["resources"]
        return [item["id"] for item in resources if "/resourceGroups/" in item["id"] and "/roleAssignments/" not in item["id"]]

    def in_state(self, root: str) -> list[str]:
        return [line for line in self.run(root, "state", "list").splitlines() if line]
