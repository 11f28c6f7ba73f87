"""What a prepared backbone costs per tile on one thread: its preprocessing, its network, both in one graph.

usage: python -m benchmarks.backbone [--name efficientnet-lite0 | --file FILE.onnx] [--batch 16] [--repeats 9] [--json]
FILE.onnx is a prepared network. The three are run in turns; each figure is the median.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from aerial_ops.backbones import assembly, graph
from aerial_ops.backbones.catalogue import CATALOGUE, DEFAULT
from aerial_ops.backbones.inference import Network
from aerial_ops.backbones.sources import prepare_entry


def parts(prepared: ModelProto) -> dict[str, ModelProto]:
    """The preprocessing alone, the network alone, and the whole."""
    preprocessing = ModelProto()
    preprocessing.CopyFrom(prepared)
    graph.cut(preprocessing, assembly.PIXELS)
    return {"preprocessing": preprocessing, "network": graph.from_pixels(prepared), "whole": prepared}


def measure(prepared: ModelProto, batch: int, repeats: int) -> dict[str, float]:
    """Microseconds per tile of each part."""
    side = prepared.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    tiles = np.random.default_rng(0).integers(0, 256, (batch, side, side, 3), dtype=np.uint8)
    networks = {name: Network(graph.serialise(model), name) for name, model in parts(prepared).items()}
    pixels = networks["preprocessing"].run({assembly.TILES: tiles})[assembly.PIXELS]
    times: dict[str, list[float]] = {name: [] for name in networks}
    for _ in range(repeats + 1):
        for name, network in networks.items():
            values: NDArray[np.uint8] | NDArray[np.float32] = pixels if name == "network" else tiles
            began = time.perf_counter()
            network.run({network.inputs[0]: values})
            times[name].append((time.perf_counter() - began) / batch * 1e6)
    return {f"{name}_us": round(statistics.median(taken[1:]), 1) for name, taken in times.items()}


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default=DEFAULT, choices=CATALOGUE)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    path = asked.file or prepare_entry(CATALOGUE[asked.name]).path
    found = measure(graph.load(path, path.name), asked.batch, asked.repeats)
    found["preprocessing_share"] = round(found["preprocessing_us"] / found["whole_us"], 4)
    print(json.dumps(found) if asked.json else " ".join(f"{name}={value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
