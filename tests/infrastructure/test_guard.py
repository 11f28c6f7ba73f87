"""Azure is asked whether the switch is armed when the data layer stands: what goes wrong then is told with what exists."""

import pytest

from aerial_ops.errors import InfrastructureError, LeftBehindError
from aerial_ops.infrastructure.control_plane import ControlPlane
from aerial_ops.infrastructure.down import down
from aerial_ops.infrastructure.up import UpOrder, up
from tests.infrastructure.town import Town

pytestmark = pytest.mark.slow


ENDINGS = {
    "Interrupted while the environment trial was being made": KeyboardInterrupt(),
    "Azure refused to read the dead man's switch": InfrastructureError("Azure refused to read the dead man's switch: No."),
}


@pytest.mark.parametrize(("words", "error"), ENDINGS.items(), ids=["interrupted", "refused"])
def test_what_ends_the_look_at_the_switch_tells_what_exists(
    town: Town, monkeypatch: pytest.MonkeyPatch, words: str, error: BaseException
) -> None:
    def ended(*_: object) -> None:
        raise error

    monkeypatch.setattr(ControlPlane, "switch", ended)
    with pytest.raises(LeftBehindError, match=words) as caught:
        up(town.site(), UpOrder())
    assert "aerial-ops down" in caught.value.suggestion and town.names() and not town.clusters()
    monkeypatch.undo()
    down(town.site())
    assert town.names() == []
