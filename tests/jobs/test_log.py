from aerial_ops.jobs.log import MOST, what_matters

PYTHON = """26/11/24 05:00:00 INFO SparkContext: Running Spark version 3.5.9
Traceback (most recent call last):
  File "main.py", line 3, in <module>
    run()
ValueError: no images in train
26/11/24 05:00:02 INFO ShutdownHookManager: Shutdown hook called""".splitlines()

JVM = """26/11/24 05:00:00 WARN TaskSetManager: Lost task 0.0
Exception in thread "main" org.apache.spark.SparkException: Job aborted
\tat org.apache.spark.deploy.SparkSubmit.main(SparkSubmit.scala:1)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.io.IOException: No space left on device
\tat java.io.FileOutputStream.write(FileOutputStream.java:1)
\t... 12 more""".splitlines()


def test_a_python_traceback_stands_alone() -> None:
    assert what_matters(PYTHON) == PYTHON[1:5]


def test_a_jvm_exception_keeps_its_cause_and_loses_its_frames() -> None:
    assert what_matters(JVM) == [JVM[1], JVM[4]]


def test_without_an_exception_the_last_lines_stand() -> None:
    assert what_matters(["one", "two", ""]) == ["one", "two"]


def test_only_noise_is_better_than_nothing() -> None:
    assert what_matters(["26/11/24 INFO a", "26/11/24 INFO b"]) == ["26/11/24 INFO a", "26/11/24 INFO b"]


def test_a_long_trace_is_cut_in_the_middle() -> None:
    lines = ["Traceback (most recent call last):", *[f'  File "f{i}.py", line {i}' for i in range(80)], "OSError: full"]
    shown = what_matters(lines)
    assert len(shown) == MOST
    assert shown[0] == lines[0]
    assert shown[-1] == "OSError: full"
