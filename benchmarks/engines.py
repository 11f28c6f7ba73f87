"""Do both engines give the same features and the same predictions on the NAIP set (experiments/naip.toml)?

The set is built as `make demo-naip` builds it. Each engine computes the features of every tile, once; each classifier is trained
on each engine's features and predicts the test set and the county. Ends with exit code 1 when a
feature differs by more than 0.001 or a prediction differs. It takes SynapseML's jars (make synapseml).

usage: python -m benchmarks.engines [--processes 2] [--json]
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.local_spark import session
from benchmarks.naip_tiles import SIDE, build_naip, feature_length, prepared_network
from benchmarks.spark_stage import NETWORK, PRETRAINED, VALUES, put_values, synapseml_jars

ENGINES = ("onnxruntime", "synapseml")
CLASSIFIERS = ("random-forest", "logistic-regression", "lightgbm")
CONTAINERS = {"train": "train", "test": "test", "tiles": "middlesexma2016"}
TOLERANCE = 1e-3


def outcome(spark: Any, folder: Path, engine: str, values: str) -> tuple[dict[str, Any], dict[str, dict[str, int]]]:
    """Features (set/path -> array) and, by classifier, predictions (set/path -> class) of one engine."""
    from spark_jobs import learn
    from spark_jobs.context import Job
    from spark_jobs.network import features_of
    from spark_jobs.places import Place
    from spark_jobs.progress import Progress
    from spark_jobs.spec import Backbone, Classifier, ImageSet, NetworkFile, Spec
    from spark_jobs.tiles import check_labels

    file = folder / PRETRAINED / NETWORK
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    backbone = Backbone("naip", NETWORK, sha256, SIDE, feature_length(file), NetworkFile(VALUES, values))
    sets = {name: ImageSet(container) for name, container in CONTAINERS.items()}
    spec = Spec("train", engine, engine, backbone, None, sets, cache=False, engine=engine)
    with tempfile.TemporaryDirectory(prefix="engines-job-") as temporary:
        job = Job.open(spark, Place(folder.as_uri(), "file"), spec, None, Path(temporary))
        job.progress = Progress(job.store, f"{engine}/progress.json")
        network = features_of(backbone)
        job.hand_out(network, PRETRAINED, NETWORK)
        tiles = job.find_tiles()
        classes = check_labels(tiles["train"], tiles["test"])
        rows = job.featurise(tiles, classes, network)
        features = {f"{row[0]}/{row[1]}": row[2].toArray() for row in rows.select("set", "path", "features").collect()}
        predictions: dict[str, dict[str, int]] = {}
        for kind in CLASSIFIERS:
            classifier = Classifier(kind)
            training, used = rows.where("set = 'train'"), job.counts["train"]["used"]
            model = learn.fit(learn.make_estimator(classifier), classifier, training, classes, used)
            predictions[kind] = {
                f"{name}/{row.path}": row.prediction
                for name in ("test", "tiles")
                for row in learn.predict(model, rows.where(f"set = '{name}'"))
            }
        job.close()
    return features, predictions


def measure(processes: int) -> dict[str, Any]:
    """How far the engines' features are apart, and how many predictions are the same."""
    with tempfile.TemporaryDirectory(prefix="engines-") as temporary:
        folder = Path(temporary)
        build_naip(folder)
        (folder / PRETRAINED).mkdir()
        network = prepared_network()
        (folder / PRETRAINED / NETWORK).write_bytes(network)
        values = put_values(folder, network)
        spark = session(processes, {"spark.jars": synapseml_jars()}, java_options="")
        try:
            (features, predictions), (others, other_predictions) = (outcome(spark, folder, name, values) for name in ENGINES)
        finally:
            spark.stop()
    if features.keys() != others.keys():
        sys.exit(f"The engines read different tiles: {sorted(features.keys() ^ others.keys())[:5]}")
    apart = max(float(abs(features[tile] - others[tile]).max()) for tile in features)
    largest = max(float(abs(row).max()) for row in features.values())
    found: dict[str, Any] = {"tiles": len(features), "largest_difference": apart, "largest_feature": largest}
    for kind, chosen in predictions.items():
        same = sum(other_predictions[kind][tile] == prediction for tile, prediction in chosen.items())
        found[kind] = {"same": same, "predictions": len(chosen)}
    return found


def main() -> None:
    """Options in, figures out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2, help="Spark's cores")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    arguments = parser.parse_args()
    if not synapseml_jars():
        print("SynapseML's jars are not in the cache; nothing was compared. Fetch them: make synapseml", file=sys.stderr)
        return
    found = measure(arguments.processes)
    if arguments.json:
        print(json.dumps(found))
    else:
        print(f"{found['tiles']} tiles: features of at most {found['largest_feature']:.3f}")
        for kind in CLASSIFIERS:
            print(f"{kind:20} {found[kind]['same']} of {found[kind]['predictions']} predictions are the same")
        pairs = {kind.replace("-", "_"): f"{found[kind]['same']}/{found[kind]['predictions']}" for kind in CLASSIFIERS}
        print(f"largest_difference={found['largest_difference']:.3g} " + " ".join(f"{key}={pair}" for key, pair in pairs.items()))
    alike = all(found[kind]["same"] == found[kind]["predictions"] for kind in CLASSIFIERS)
    if found["largest_difference"] > TOLERANCE or not alike:
        sys.exit("The engines differ.")


if __name__ == "__main__":
    main()
