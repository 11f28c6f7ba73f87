"""A county of 67,000 tiles: seconds and memory of analysis and report, size of the page, frames a second of its map.

The store is in memory: two models, 11,000 test tiles with pictures, 67,000 scored tiles with probabilities and older labels.
The report is written in a process of its own, so its peak memory is that of Python, the store and the report. The map is
then zoomed in, panned and zoomed out in a Chromium without a window or a graphics card, a step a frame.

usage: python -m benchmarks.report [--rows 268] [--cols 250] [--repeats 3] [--keep FILE] [--json]
"""

import argparse
import json
import multiprocessing
import pickle
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TEST_TILES = 11_000
FRAMES = 120  # of each part of the tour
TOUR = """
async (frames) => {
  const canvas = document.querySelector("canvas"), box = canvas.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const at = (dx, dy) => ({ clientX: x + dx, clientY: y + dy, bubbles: true, cancelable: true, pointerId: 1, isPrimary: true });
  const wheel = (deltaY) => canvas.dispatchEvent(new WheelEvent("wheel", { ...at(0, 0), deltaY, ctrlKey: true }));
  const point = (kind, dx, dy) => canvas.dispatchEvent(new PointerEvent(kind, at(dx, dy)));
  const frame = () => new Promise(requestAnimationFrame);
  const steps = [
    ...Array.from({ length: frames }, () => () => wheel(-12)),
    () => point("pointerdown", 0, 0),
    ...Array.from({ length: frames }, (_, i) => () => point("pointermove", -2 * i, -i)),
    () => point("pointerup", -2 * frames, -frames),
    ...Array.from({ length: frames }, () => () => wheel(12)),
  ];
  await frame();
  const began = performance.now();
  let before = began, longest = 0, shown = 0;
  for (const step of steps) {
    step();
    const now = await frame();
    longest = Math.max(longest, now - before);
    before = now;
    shown += 1;
  }
  const seconds = (performance.now() - began) / 1000;
  const views = [];
  for (const radio of document.querySelectorAll(".map [name=view]")) {
    const started = performance.now();
    radio.click();
    await frame();
    await frame();
    views.push(performance.now() - started);
  }
  return { fps: shown / seconds, longest, repaint: Math.max(...views) };
}
"""


def make_store(rows: int, cols: int) -> Any:
    """A store as two trainings and a scoring of a large county leave it, with older labels."""
    from tests.analysis import synthetic
    from tests.analysis.report.stores import with_older_labels
    from tests.memory_store import MemoryStore

    store = MemoryStore()
    synthetic.train(store, "lr1", 0.6, 5, tiles=TEST_TILES)
    synthetic.train(store, "rf1", 0.35, 0, tiles=TEST_TILES, pictures=True)
    synthetic.score(store, "rf1", 20, rows=rows, cols=cols, outline=False)
    with_older_labels(store, built=40)
    return store


def write(kept: Path, out: Path, told: Any) -> None:
    """In a process of its own: write the report, tell seconds, peak memory in MB, tiles and bytes."""
    from aerial_ops.analysis.report import write_report

    store = pickle.loads(kept.read_bytes())
    started = time.perf_counter()
    result = write_report(store, "rf1", out)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    told.send((seconds, peak, result["tiles_on_map"], result["bytes"]))


def written(kept: Path, out: Path) -> tuple[float, float, int, int]:
    """What `write` tells."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=write, args=(kept, out, there))
    process.start()
    there.close()
    try:
        result: tuple[float, float, int, int] = here.recv()
    finally:
        process.join()
    return result


def toured(page: Path, repeats: int) -> list[dict[str, float]]:
    """The tours over the map in a real browser; none where there is no browser."""
    from playwright.sync_api import sync_playwright

    from aerial_ops.analysis.report.browser import find_browser, options

    program = find_browser()
    if program is None:
        return []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(options()))
        tab = browser.new_page(viewport={"width": 1440, "height": 1000})
        tab.goto(page.as_uri())
        tab.locator("canvas").first.scroll_into_view_if_needed()
        tours = [tab.evaluate(TOUR, FRAMES) for _ in range(repeats + 1)][1:]  # the first one warms up
        browser.close()
    return tours


def main() -> None:
    """Measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=268)
    options.add_argument("--cols", type=int, default=250)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--keep", type=Path, help="keep the page here")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept, page = Path(folder, "store"), chosen.keep or Path(folder, "report.html")
        kept.write_bytes(pickle.dumps(make_store(chosen.rows, chosen.cols)))
        rounds = [written(kept, page) for _ in range(chosen.repeats)]
        tours = toured(page, chosen.repeats)
    seconds, peak = statistics.median(one[0] for one in rounds), max(one[1] for one in rounds)
    figures: dict[str, Any] = {
        "tiles": rounds[0][2],
        "report_seconds": round(seconds, 2),
        "peak_mb": round(peak),
        "page_mb": round(rounds[0][3] / 1e6, 2),
    }
    if tours:
        figures["frames_a_second"] = round(statistics.median(one["fps"] for one in tours), 1)
        figures["longest_frame_ms"] = round(max(one["longest"] for one in tours), 1)
        figures["repaint_ms"] = round(max(one["repaint"] for one in tours), 1)
    if chosen.json:
        print(json.dumps(figures))
        return
    print(f"{figures['tiles']:,} tiles: analysis and report {seconds:.2f} s, peak {peak:.0f} MB, page {figures['page_mb']} MB")
    if tours:
        frames, longest, repaint = (figures[name] for name in ("frames_a_second", "longest_frame_ms", "repaint_ms"))
        print(f"map: {frames} frames a second, the longest {longest} ms; another view {repaint} ms")
    else:
        print("map: not measured, there is no Chromium here")
    print(" ".join(f"{name}={value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
