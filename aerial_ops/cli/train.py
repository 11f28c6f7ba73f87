"""`aerial-ops train`: fit a model on the cluster."""

from typing import Annotated

import typer

from aerial_ops.cli import job_options as options


def train(
    name: options.Name,
    backbone: options.Backbone = "efficientnet-lite0",
    classifier: Annotated[options.ClassifierKind, typer.Option(help=options.CLASSIFIER)] = "random-forest",
    param: Annotated[
        list[str] | None, typer.Option(help="A hyperparameter as Spark ML or SynapseML names it, e.g. numTrees=50.")
    ] = None,
    sample_frac: options.SampleFraction = 1.0,
    seed: options.Seed = 0,
    max_rejected: options.MaxRejected = 0.01,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model of this name.")] = False,
    no_cache: options.NoCache = False,
    engine: options.Engine = "onnxruntime",
    as_json: options.Json = False,
) -> None:
    """Train a model: features of every image, a classifier on top, the test set scored.

    Runs as a Spark job on the cluster and follows it. Ctrl-C stops following, not the job. The same command again goes on
    following, or finds that there is nothing to do.
    """
    from aerial_ops.cli import session, show
    from aerial_ops.jobs.orders import parse_params, train_order
    from aerial_ops.jobs.spec import Sample

    here = session.Session(as_json)
    hyperparameters = parse_params(param or [])
    order = train_order(
        here.store, name, backbone=backbone, classifier=classifier, params=hyperparameters,
        sample=Sample(fraction=sample_frac, seed=seed), max_rejected=max_rejected, overwrite=overwrite,
        cache=not no_cache, engine=engine, report=here.out,
    )  # fmt: skip
    show.record(here.out, here.jobs.run(order))
