import pickle

from spark_jobs.errors import JobError, StorageError, TooManyRejectedError
from spark_jobs.failures import explain

WORKER = """An error occurred while calling o77.collectToPython.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 3.0 failed 4 times
  File "spark_jobs/transport.py", line 95, in request
spark_jobs.errors.StorageError: acct.blob.x did not answer for 60 seconds (TimeoutError).

\tat org.apache.spark.api.python.BasePythonRunner"""


def test_our_own_error_is_told_as_it_is() -> None:
    error = TooManyRejectedError("3 of 9", "Repair them.", ["train/a.png: empty file"])
    assert explain(error) == {
        "type": "TooManyRejectedError",
        "message": "3 of 9",
        "suggestion": "Repair them.",
        "details": ["train/a.png: empty file"],
    }


def test_our_error_on_a_worker_is_found_in_sparks_wrapping() -> None:
    told = explain(RuntimeError(WORKER))
    assert (told["type"], told["message"]) == (
        "StorageError",
        "acct.blob.x did not answer for 60 seconds (TimeoutError).",
    )


def test_a_full_disk_is_named() -> None:
    assert explain(RuntimeError("java.io.IOException: No space left on device"))["type"] == "DiskFullError"
    assert explain(OSError(28, "x"))["type"] == "DiskFullError"


def test_anything_else_keeps_its_type_and_first_line() -> None:
    told = explain(KeyError("x\ny"))
    assert (told["type"], told["details"]) == ("KeyError", [])
    assert explain(ValueError())["message"] == "The job broke unexpectedly: no message"


def test_errors_travel_from_worker_to_driver() -> None:
    error = pickle.loads(pickle.dumps(StorageError("m", "s", ["d"])))
    assert isinstance(error, JobError)
    assert error.as_dict() == StorageError("m", "s", ["d"]).as_dict()
