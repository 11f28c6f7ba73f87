"""What is missing on this machine is known before anything is rented."""

from pathlib import Path

import pytest

from tests.experiment.stage import Stage


@pytest.mark.slow
@pytest.mark.parametrize(
    ("top", "train"), [("", '[[train]]\nname = "trees"\nclassifier = "lightgbm"\n'), ('engine = "synapseml"\n', "")]
)
def test_what_needs_synapseml_costs_nothing_without_it(
    stage: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch, top: str, train: str
) -> None:
    monkeypatch.setenv("AERIAL_OPS_CACHE", str(folder / "cache"))
    file = folder / "trial.toml"
    file.write_text(top + file.read_text() + train)
    _, err = stage.run(folder, "run", "trial.toml", "--yes", code=2)
    assert "SynapseML is not on this machine" in err and "aerial-ops emulator fetch synapseml" in err
    assert not stage.made and stage.names() == []
