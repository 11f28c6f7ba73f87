"""A network that cannot be had is known before anything is rented."""

from pathlib import Path

import pytest

from aerial_ops.errors import BackboneError
from aerial_ops.experiment import networks
from tests.experiment.stage import Stage


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backbone", "words"),
    [
        ("resnet81", "There is no backbone named 'resnet81'. Did you mean resnet18?"),
        ("nets/mine.onnx", "There is no file nets/mine.onnx."),
    ],
)
def test_what_nobody_knows_costs_nothing(stage: Stage, folder: Path, backbone: str, words: str) -> None:
    file = folder / "trial.toml"
    file.write_text(file.read_text() + f'backbone = "{backbone}"\n')
    _, err = stage.run(folder, "run", "trial.toml", "--yes", code=2)
    assert words in err
    assert not stage.made and stage.names() == []


class Run:
    """As much of a run as is asked for."""

    site = report = None

    def __init__(self, *backbones: str) -> None:
        train = [type("Training", (), {"name": f"m{number}", "backbone": one}) for number, one in enumerate(backbones)]
        self.plan = type("Plan", (), {"train": train})


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(networks, "known", lambda site: None)
    monkeypatch.setattr(networks, "trained_before", lambda run: {"m0": object()})
    monkeypatch.setattr(networks, "prepare_entry", lambda entry, report: found.append(entry.name))
    return found


def test_each_network_that_is_left_is_prepared_once(prepared: list[str]) -> None:
    networks.prepare_networks(Run("efficientnet-lite0", "alexnet", "resnet18", "alexnet"))  # type: ignore[arg-type]
    assert prepared == ["alexnet", "resnet18"]


def test_a_download_that_fails_is_told(prepared: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(entry: object, report: object) -> None:
        raise BackboneError("The zoo is away.")

    monkeypatch.setattr(networks, "prepare_entry", fail)
    with pytest.raises(BackboneError, match="zoo is away"):
        networks.prepare_networks(Run("done", "alexnet"))  # type: ignore[arg-type]


def test_an_environment_that_exists_may_know_more(prepared: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "known", lambda site: object())
    networks.prepare_networks(Run("done", "imported"))  # type: ignore[arg-type]
    assert prepared == []
