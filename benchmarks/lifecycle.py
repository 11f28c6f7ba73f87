"""`aerial-ops up` and `down` beside bare `terraform apply` and `destroy` on the same emulated Azure, in turn; medians.

Bare Terraform does what a careful script would do: apply the data root, hand its outputs over, apply the compute root; the other
way round to destroy. It checks nothing, keeps no journal, uploads no script and proves nothing afterwards. The cloud runs at
`--pace` (60: a cluster takes 20 seconds, not 20 minutes): what the kit adds is measured against a wait 60 times too short.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from aerial_ops.clouds import cloud_of
from aerial_ops.settings import Settings
from tests.infrastructure.town import Metropolis, clean_environment

ROOTS = Path(__file__).parents[1] / "terraform"
HANDED_OVER = ("resource_group_name", "location", "storage_account_id", "storage_account_key", "switch_link_id", "deadline")


class Bare:
    """Terraform alone, in a copy of the roots."""

    def __init__(self, city: Metropolis, folder: Path) -> None:
        self.folder = folder
        cloud = cloud_of(Settings(cloud="emulator", home=city.home))
        quiet = {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        self.environment = {**clean_environment(), **quiet, **cloud.terraform_environment()}
        deadline = (datetime.now(UTC) + timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.common = {"environment": "bare", "owner": "bench"}
        self.data = {**self.common, "storage_account_name": f"bare{os.getpid()}", "deadline": deadline}

    def up(self) -> None:
        """Init and apply both roots."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(ROOTS, self.folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        for root in ("data", "compute"):
            self.terraform(root, {}, "init", "-input=false")
        self.terraform("data", self.data, "apply", "-auto-approve", "-input=false")
        outputs = {name: each["value"] for name, each in json.loads(self.terraform("data", {}, "output", "-json")).items()}
        self.compute = {
            **self.common,
            **{name: outputs[name] for name in HANDED_OVER},
            "storage_container_url": outputs["cluster_container_url"],
            "cluster_name": f"bare-{os.getpid()}",
            "worker_count": 2,
            "script_action_uri": "https://stone.blob.localhost/cluster/bootstrap.sh",
            "gateway_password": "Gateway-Passw0rd!",
            "ssh_password": "Nodes-Passw0rd!",
        }
        self.terraform("compute", self.compute, "apply", "-auto-approve", "-input=false")

    def down(self) -> None:
        """Destroy both roots."""
        self.terraform("compute", self.compute, "destroy", "-auto-approve", "-input=false")
        self.terraform("data", self.data, "destroy", "-auto-approve", "-input=false")

    def terraform(self, root: str, variables: dict[str, Any], *arguments: str) -> str:
        """One command in one root."""
        given = {f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()}
        command, environment = ["terraform", *arguments], {**self.environment, **given}
        done = subprocess.run(command, cwd=self.folder / root, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout


def main() -> None:
    """Print the medians and, last, the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pace", type=float, default=60.0)
    chosen = parser.parse_args()
    times: dict[str, list[float]] = {"bare up": [], "bare down": [], "kit up": [], "kit down": []}
    with tempfile.TemporaryDirectory() as folder:
        city = Metropolis(Path(folder) / "home", pace=chosen.pace)
        try:
            bare = Bare(city, Path(folder) / "bare")
            steps = {
                "bare up": bare.up,
                "bare down": bare.down,
                "kit up": lambda: city.run("--env", "kit", "up", "--yes", own_provider=True),
                "kit down": lambda: city.run("--env", "kit", "down", "--yes", own_provider=True),
            }
            for number in range(chosen.rounds):
                order = list(steps) if number % 2 == 0 else ["kit up", "kit down", "bare up", "bare down"]
                for name in order:
                    started = time.perf_counter()
                    steps[name]()
                    times[name].append(time.perf_counter() - started)
                    print(f"{name:>9}: {times[name][-1]:6.2f} s", flush=True)
        finally:
            city.close()
    medians = {name: statistics.median(values) for name, values in times.items()}
    print("  ".join(f"{name} {value:.2f} s" for name, value in medians.items()))
    up, down = (medians[f"kit {verb}"] / medians[f"bare {verb}"] for verb in ("up", "down"))
    print(f"up_ratio={up:.3f} down_ratio={down:.3f}")


if __name__ == "__main__":
    main()
