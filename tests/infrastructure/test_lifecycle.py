"""The whole life of environments, through the phases, real Terraform and the emulated Azure."""

import json
from datetime import timedelta

import pytest

from aerial_ops.infrastructure.changes import extend, scale
from aerial_ops.infrastructure.down import DownOrder, down
from aerial_ops.infrastructure.status import status
from aerial_ops.infrastructure.up import UpOrder, plan_up, up
from tests.infrastructure.town import Town

pytestmark = pytest.mark.slow


def test_from_nothing_to_nothing(town: Town) -> None:
    site = town.site()
    planned = plan_up(site, UpOrder())
    assert len(planned.changes) == 18
    assert town.names() == []
    assert site.environment.description() is None

    made = up(site, UpOrder())
    assert len(made.changes) == 18
    assert len(town.clusters()) == 1
    assert town.blobs.blobs[f"{made.described.storage_account}/cluster/bootstrap/bootstrap.sh"].startswith(b"#!")
    assert site.cloud.cluster().url.endswith("/livy")
    again = up(site, UpOrder())
    assert again.changes == ()

    now = status(site)
    assert now.cluster is not None and now.cluster.state == "Running" and now.cluster.workers == 2
    assert now.switch is not None and now.switch.armed
    assert now.usd is not None and now.usd > 0
    assert now.notes == ()
    json.dumps(now.as_dict(), default=str)

    scale(site, 5)
    assert (facts := status(site).cluster) is not None and facts.workers == 5
    moved = extend(site, timedelta(hours=2))
    assert moved.described.deadline - moved.was.deadline == timedelta(hours=2)
    assert (switch := status(site).switch) is not None and switch.fires_at == moved.described.deadline

    account = made.described.storage_account
    kept = down(site, DownOrder(keep_data=True))
    assert kept.usd > 0
    assert town.clusters() == []
    assert f"storageAccounts/{account}" in town.names()
    assert site.cloud.storage().account == account
    up(site, UpOrder())
    assert site.environment.description().storage_account == account
    assert len(town.clusters()) == 1

    gone = down(site)
    assert town.names() == []
    assert gone.usd > kept.usd
    assert gone.usd == pytest.approx(town.control.get("meter").json()["totalUSD"], rel=0.01)
    assert not site.environment.folder.exists()
    assert down(site).names == ()
