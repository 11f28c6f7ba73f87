"""The calibrate job: features of a sample of tiles, for the sake of the time that they take."""

from __future__ import annotations

from typing import Any

from spark_jobs.context import Job
from spark_jobs.errors import SpecError
from spark_jobs.network import features_of


def calibrate(job: Job) -> dict[str, Any]:
    """Run a calibrate order; its timings and counts are its whole result."""
    backbone = job.spec.backbone
    if backbone is None:
        raise SpecError("A calibrate order needs a backbone.")
    with job.progress.stage("list"):
        network = features_of(backbone)
        job.hand_out(network, "pretrainedmodels", backbone.file)
        sets = job.find_tiles()
    job.featurise(sets, [], network)
    return {}
