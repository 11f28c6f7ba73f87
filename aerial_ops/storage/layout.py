"""Where things are in the storage account: the one place that knows container names and paths (MISSION's layout)."""

TRAIN = "train"
TEST = "test"
COUNTY = "middlesexma2016"
PRETRAINED = "pretrainedmodels"
TRAINED = "trainedmodels"
PREDICTIONS = "predictions"
FEATURES = "features"
RUNS = "runs"
CLUSTER = "cluster"

CONTAINERS = (TRAIN, TEST, COUNTY, PRETRAINED, TRAINED, PREDICTIONS, FEATURES, RUNS, CLUSTER)
IMAGE_CONTAINERS = (TRAIN, TEST, COUNTY)

CLASSES = ("Barren", "Cultivated", "Developed", "Forest", "Herbaceous", "Shrub")
BOOTSTRAP = "bootstrap/bootstrap.sh"  # what each node of the cluster runs first, in the container `cluster`
TILE_SUMMARIES = "tile_summaries.csv"
OLDER_LABELS = "older_labels.csv"  # filename,label of an earlier survey, beside tile_summaries.csv
TEST_PLACES = "test_places.csv"  # where the test tiles lie, in the container `test`; columns as in tile_summaries.csv


def model_folder(name: str) -> str:
    """The Spark ML model `name`, in the container `trainedmodels`."""
    return f"{name}/model"


def model_info(name: str) -> str:
    """The `key,value` lines that make a model complete, in the container `trainedmodels`."""
    return f"{name}/model.info"


def test_predictions(name: str) -> str:
    """The test set's predictions of model `name`, in the container `predictions`."""
    return f"{name}_predictions_test_set.csv"


def county_predictions(name: str) -> str:
    """The county's predictions of model `name`, in the container `predictions`."""
    return f"{name}_predictions_o16n.csv"


def rejected(name: str) -> str:
    """The images that model `name` could not read, in the container `predictions`."""
    return f"{name}_rejected.csv"


def manifest(container: str) -> str:
    """What a sync left in `container`, in the container `cluster` (an image container holds images only)."""
    return f"manifests/{container}.json"


def run_file(run_id: str, file: str) -> str:
    """`file` of one run (spec.json, progress.json, result.json, record.json), in the container `runs`."""
    return f"{run_id}/{file}"


def retrained_network(name: str) -> str:
    """The network of a model that was retrained elsewhere, in the container `trainedmodels`."""
    return f"{name}/model.onnx"


def retrained_description(name: str) -> str:
    """What is known of that network, in the container `trainedmodels`."""
    return f"{name}/model.json"


def labels_to_inds(name: str) -> str:
    """The classes of model `name`, a `label, tab, index` a line, in the container `trainedmodels`."""
    return f"{name}/labels_to_inds.tsv"
