"""`aerial-ops score`: classify the county on the cluster."""

from typing import Annotated

import typer

from aerial_ops.cli import job_options as options


def score(
    name: options.Name,
    sample_frac: options.SampleFraction = 1.0,
    seed: options.Seed = 0,
    max_rejected: options.MaxRejected = 0.01,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Do it again although nothing has changed.")] = False,
    no_cache: options.NoCache = False,
    engine: options.Engine = "onnxruntime",
    as_json: options.Json = False,
) -> None:
    """Classify every tile of the county (container middlesexma2016) with a trained model.

    Runs as a Spark job on the cluster and follows it. Ctrl-C stops following, not the job.
    """
    from aerial_ops.cli import session, show
    from aerial_ops.jobs.orders import score_order
    from aerial_ops.jobs.spec import Sample

    here = session.Session(as_json)
    sample = Sample(fraction=sample_frac, seed=seed)
    order = score_order(
        here.store,
        name,
        sample=sample,
        max_rejected=max_rejected,
        overwrite=overwrite,
        cache=not no_cache,
        engine=engine,
        report=here.out,
    )
    show.record(here.out, here.jobs.run(order))
