from pathlib import Path

import pytest

from spark_jobs.errors import SpecError
from spark_jobs.places import locate


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("wasbs://runs@acct.blob.core.windows.net/r1/spec.json", "https://acct.blob.core.windows.net"),
        ("wasb://runs@acct.blob.localhost:10000/r1/spec.json", "http://acct.blob.localhost:10000"),
    ],
)
def test_an_account(url: str, endpoint: str) -> None:
    place, container, path = locate(url)
    assert (place.endpoint, container, path) == (endpoint, "runs", "r1/spec.json")
    assert not place.is_folder
    assert place.hadoop_url("runs", path) == url


def test_a_folder_with_spaces_and_an_earlier_runs_folder() -> None:
    place, container, path = locate("file:///data/runs/a%20b/runs/r1/spec.json")
    assert place.folder == Path("/data/runs/a b")
    assert (container, path, place.is_folder) == ("runs", "r1/spec.json", True)
    assert place.hadoop_url("trainedmodels", "m/model") == "file:///data/runs/a b/trainedmodels/m/model"


@pytest.mark.parametrize(
    "url",
    ["", "spec.json", "https://runs@h/x", "wasbs://host/x", "wasbs://runs@host", "wasbs://runs@host/", "file:///a/spec.json"],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(SpecError, match=r"is not the address"):
        locate(url)
