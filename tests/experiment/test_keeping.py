"""A job's results are taken out of one account and put into another as they were."""

from pathlib import Path

import pytest

from aerial_ops.experiment.keeping import Kept
from aerial_ops.runs.history import History
from aerial_ops.storage.blobs import BlobInfo
from tests.analysis import synthetic
from tests.memory_store import MemoryStore


class Account(MemoryStore):
    def list_files(self, container: str, prefix: str = "") -> list[BlobInfo]:
        return list(self.list(container, prefix))


@pytest.fixture
def account() -> Account:
    made = Account()
    synthetic.train(made, "rf", 0.4, 0, tiles=30)
    synthetic.train(made, "rf_2", 0.4, 2, tiles=30)
    made.write("trainedmodels", "rf/model/part-0", b"\x00trees")
    made.write("trainedmodels", "rf/model.info", "model_source,mmlspark\n")
    synthetic.score(made, "rf", 5, 4, 5)
    return made


def test_what_a_training_has_written_comes_back_in_another_account(account: Account, tmp_path: Path) -> None:
    record = next(one for one in History(account).list(kind="train") if one.name == "rf")  # type: ignore[arg-type]
    kept = Kept(tmp_path)
    kept.take(account, record)  # type: ignore[arg-type]
    assert kept.record(record.run_id) == record
    other = Account()
    assert kept.put_back(other, record)  # type: ignore[arg-type]
    assert not kept.put_back(other, record)  # type: ignore[arg-type]
    mine = {place for place in account.blobs if place[1].startswith(("rf/", "rf_predictions_test", "rf_rejected", "rf-train"))}
    assert other.blobs == {place: account.blobs[place] for place in mine}


def test_a_record_is_there_only_when_all_is(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = next(one for one in History(account).list(kind="train") if one.name == "rf")  # type: ignore[arg-type]
    read = account.read

    def torn(container: str, name: str) -> bytes:
        if name == "rf/model/part-0":
            raise OSError("the connection was cut")
        return read(container, name)

    monkeypatch.setattr(account, "read", torn)
    with pytest.raises(OSError, match="cut"):
        Kept(tmp_path).take(account, record)  # type: ignore[arg-type]
    assert Kept(tmp_path).record(record.run_id) is None


def test_a_scoring_and_a_training_of_one_model_are_told_apart(account: Account, tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for record in History(account).list():  # type: ignore[arg-type]
        kept.take(account, record)  # type: ignore[arg-type]
    assert [(one.name, one.kind) for one in kept.records()] == [("rf", "train"), ("rf_2", "train"), ("rf", "score")]
