import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.errors import UsageError
from aerial_ops.experiment.context import RunOrder
from aerial_ops.experiment.loading import load_experiment
from aerial_ops.experiment.plan import Experiment, Score

GOOD = """\
name = "trial"
[cluster]
workers = 2
[source]
folder = "images"
[[train]]
name = "rf"
params = { numTrees = 5 }
[[train]]
name = "lr"
classifier = "logistic-regression"
"""


def loaded(tmp_path: Path, text: str) -> Experiment:
    path = tmp_path / "trial.toml"
    path.write_text(text)
    return load_experiment(path)


def test_defaults_are_the_missions(tmp_path: Path) -> None:
    plan = loaded(tmp_path, GOOD)
    assert plan.train[0].classifier == "random-forest"
    assert plan.train[0].backbone == "efficientnet-lite0"
    assert (plan.keep, plan.keep_on_failure, plan.parallel, plan.score) == ("nothing", None, "auto", Score())
    assert (plan.cache, plan.engine) == (True, "onnxruntime")


RF, LR, SOURCE, CLUSTER, TOP = 'name = "rf"', 'name = "lr"', 'folder = "images"', "workers = 2", 'name = "trial"'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        # a key that is not there: the line of that very key, and only what is valid at that place
        (LR, f'{LR}\nclasifier = "x"', "trial.toml:11: there is no key 'clasifier' in [[train]]. Did you mean 'classifier'?"),
        (RF, f'{RF}\nclasifier = "x"', "trial.toml:8: there is no key 'clasifier' in [[train]]. Did you mean 'classifier'?"),
        (
            RF,
            f"{RF}\nworkers = 2",
            "trial.toml:8: there is no key 'workers' in [[train]]. "
            "Its keys are backbone, classifier, name, params, sample_frac, seed.",
        ),
        (SOURCE, "[source.sample]\nsed = 1", "trial.toml:6: there is no key 'sed' in [source.sample]. Did you mean 'seed'?"),
        (SOURCE, "sample = { sed = 1 }", "trial.toml:5: there is no key 'sed' in [source.sample]. Did you mean 'seed'?"),
        (CLUSTER, "worker = 2", "trial.toml:3: there is no key 'worker' in [cluster]. Did you mean 'workers'?"),
        (TOP, f'{TOP}\nkeeep = "data"', "trial.toml:2: there is no key 'keeep' at the top. Did you mean 'keep'?"),
        ("[[train]]", "[[trian]]", "trial.toml:6: there is no key 'trian' at the top. Did you mean 'train'?"),
        # a value that cannot be
        (
            "regression",
            "regresion",
            "trial.toml:11: classifier in [[train]]: 'logistic-regresion' is not one of 'random-forest', 'logistic-regression', "
            "'lightgbm'. Did you mean 'logistic-regression'?",
        ),
        (TOP, f'{TOP}\nkeep = "all"', "trial.toml:2: keep at the top: 'all' is not one of 'nothing', 'data', 'everything'."),
        (LR, f'{LR}\nsample_frac = "0.5"', "trial.toml:11: sample_frac in [[train]]: a number is needed; it is '0.5'."),
        (
            LR,
            f"{LR}\nsample_frac = 2",
            "trial.toml:11: sample_frac in [[train]]: input should be less than or equal to 1; it is 2.",
        ),
        (LR, f"{LR}\nseed = 1.5", "trial.toml:11: seed in [[train]]: a whole number is needed; it is 1.5."),
        (CLUSTER, 'workers = "many"', """trial.toml:3: workers in [cluster]: 'many' is neither a number from 1 on nor "auto"."""),
        (CLUSTER, "workers = 0", "trial.toml:3: workers in [cluster]: 0 is neither"),
        (CLUSTER, 'ttl = "4 hours"', "trial.toml:3: ttl in [cluster]: '4 hours' is not a length of time. Write it as 90m"),
        (
            CLUSTER,
            'ttl = "5m"',
            "trial.toml:3: ttl in [cluster]: '5m' is too short: the dead man's switch needs 15 min at least.",
        ),
        (TOP, f'{TOP}\nscore = "yes"', "trial.toml:2: score at the top: is true, false or a table; it is 'yes'."),
        (TOP, f"{TOP}\ngrid = 3", "trial.toml:2: grid at the top: a list is needed; it is 3."),
        (RF, 'name = "r f"', "trial.toml:7: name in [[train]]: 'r f' is not a model name. Use up to 63"),
        (TOP, 'name = "Trial!"', "trial.toml:1: name at the top: 'Trial!' is not a name for an environment."),
        (
            "numTrees = 5",
            "numTreess = 5",
            "trial.toml:8: [[train]]: random-forest has no parameter 'numTreess'; did you mean 'numTrees'?",
        ),
        (TOP, f"{TOP}\ncahce = false", "trial.toml:2: there is no key 'cahce' at the top. Did you mean 'cache'?"),
        (TOP, f'{TOP}\ncache = "no"', "trial.toml:2: cache at the top: true or false is needed; it is 'no'."),
        (
            TOP,
            f'{TOP}\nengine = "synapse"',
            "trial.toml:2: engine at the top: 'synapse' is not one of 'onnxruntime', 'synapseml'.",
        ),
        (LR, f'{LR}\nengine = "synapseml"', "trial.toml:11: there is no key 'engine' in [[train]]."),
        # what is missing, or there twice
        (LR, "", "trial.toml:9: [[train]] needs the key 'name'."),
        (TOP, "", "trial.toml: the file needs the key 'name'."),
        (SOURCE, "", "trial.toml:4: [source]: needs exactly one of folder, url, url_variable, sample, scenes; it has none."),
        (
            SOURCE,
            'folder = "a"\nurl = "b"',
            "trial.toml:4: [source]: needs exactly one of folder, url, url_variable, sample, scenes; it has folder, url.",
        ),
        (LR, RF, "trial.toml:10: two trainings are called rf."),
        (LR, "name = ", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = GOOD.replace("[source]\n", "") if new.startswith("[source.sample]") else GOOD
    words = words.replace(":6:", ":5:") if new.startswith("[source.sample]") else words
    with pytest.raises(UsageError) as caught:
        loaded(tmp_path, text.replace(old, new, 1))
    assert words in caught.value.message


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        loaded(tmp_path, GOOD.replace(CLUSTER, "workerz = 2").replace(LR, f"{LR}\nsed = 1"))
    assert [line.split(":")[1] for line in caught.value.message.splitlines()] == ["3", "11"]


def test_a_file_without_trainings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no training") as caught:
        loaded(tmp_path, GOOD.split("[[train]]", maxsplit=1)[0])
    assert "[[grid]]" in caught.value.suggestion


def test_a_missing_file_points_to_the_examples(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_experiment(tmp_path / "no.toml")
    assert "experiments" in caught.value.suggestion


@pytest.mark.parametrize(
    ("line", "score"),
    [("score = true", Score()), ("score = false", None), ("score = { workers = 4 }", Score(workers=4))],
)
def test_scoring_is_a_switch_or_a_table(tmp_path: Path, line: str, score: Score | None) -> None:
    assert loaded(tmp_path, f"{line}\n{GOOD}").score == score


@pytest.mark.parametrize("count", ["auto", 4])
def test_counts_are_numbers_or_auto(tmp_path: Path, count: Any) -> None:
    value = f'"{count}"' if isinstance(count, str) else count
    plan = loaded(tmp_path, f"parallel = {value}\n" + GOOD.replace("workers = 2", f"workers = {value}"))
    assert (plan.parallel, plan.cluster.workers) == (count, count)


def test_flags_go_before_the_file(tmp_path: Path) -> None:
    plan = loaded(tmp_path, GOOD)
    assert plan.on(workers=7, ttl=None).cluster.workers == 7
    assert plan.on(workers=None).cluster == plan.cluster


def test_where_it_runs_is_a_setting(tmp_path: Path) -> None:
    assert loaded(tmp_path, GOOD).settings == {}
    plan = loaded(tmp_path, GOOD.replace("workers = 2", 'cloud = "azure"\nlocation = "westus"\nworkers = 2'))
    assert plan.settings == {"cloud": "azure", "location": "westus"}


def test_a_url_can_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = loaded(tmp_path, GOOD.replace(SOURCE, 'url_variable = "IMAGES"')).source
    monkeypatch.delenv("IMAGES", raising=False)
    with pytest.raises(UsageError, match="in the variable IMAGES, and that is not set"):
        _ = source.address
    monkeypatch.setenv("IMAGES", "https://a.blob.example/?sig=secret")
    assert source.address == "https://a.blob.example/?sig=secret"
    assert "secret" not in repr(source)


EXAMPLES = Path(__file__).parents[2] / "experiments"


def test_the_missions_own_experiment() -> None:
    plan = load_experiment(EXAMPLES / "full.toml")
    assert plan.cluster.workers == 40
    assert [training.name for training in plan.train] == [
        *("resnet18-random-forest", "resnet18-logistic-regression", "alexnet-random-forest", "alexnet-logistic-regression"),
    ]
    assert all(training.sample_frac == 1 and not training.params for training in plan.train)  # Spark gets the mission's defaults


def test_the_sweep_says_how_many_models_it_makes() -> None:
    path = EXAMPLES / "sweep.toml"
    names = [training.name for training in load_experiment(path).train]
    said = [int(number) for number in re.findall(r"^# (\d+) models: ", path.read_text(), re.MULTILINE)]
    first = re.findall(r"models: ([\w-]+),", path.read_text())
    assert len(names) == sum(said) == 14
    assert [names[0], names[said[0]]] == first


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_examples_are_valid(path: Path) -> None:
    assert load_experiment(path).train


def test_what_the_command_line_says_is_checked_as_the_file_is(tmp_path: Path) -> None:
    plan = loaded(tmp_path, GOOD)
    assert plan.on(ttl="90m").cluster.ttl == "90m"
    with pytest.raises(UsageError, match="'soon' is not a length of time"):
        plan.on(ttl="soon")
    with pytest.raises(UsageError, match="'5m' is too short"):
        plan.on(ttl="5m")


def test_commands_that_are_told_can_be_copied_whatever_the_file_is_called() -> None:
    order = RunOrder(Path("my trial's.toml"), Path("out"))
    assert shlex.split(order.command("--resume")) == ["aerial-ops", "run", "my trial's.toml", "--resume"]
