"""The page in a real browser: the policy lets its own script run, the map answers to pointer and keys."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from tests.analysis.report.parsing import Page

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POKE = """
const told = {}, canvas = document.querySelector("canvas"), map = document.getElementById("map");
const press = (key) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const info = () => document.getElementById("tile-info").textContent;
const centre = () => {
  const [x, y] = [canvas.width / 2, canvas.height / 2].map(Math.round);
  return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].join();
};
const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
(async () => {
  await frame();
  told.view = map.dataset.view;
  told.groups = centre();
  document.querySelector("[value=classes]").click();
  await frame();
  told.classes = centre();
  document.querySelector("[name=safe]").click();
  await frame();
  told.safe = centre();
  press("ArrowUp");
  told.first = info();
  press("ArrowRight");
  told.second = info();
  press("+");
  await frame();
  told.zoomed = document.querySelector(".canvas").classList.contains("zoomed");
  press("0");
  await frame();
  const box = canvas.getBoundingClientRect();
  const point = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, bubbles: true };
  canvas.dispatchEvent(new PointerEvent("pointermove", point));
  told.tip = document.querySelector(".tip").textContent;
  told.hidden = document.querySelector(".tip").hidden;
  told.scale = document.querySelector(".scale span").textContent;
  told.wide = document.documentElement.scrollWidth <= innerWidth;
  document.body.dataset.told = JSON.stringify(told);
})();
"""

# A browser that shows nothing to anybody stops drawing frames; a timer goes on.
TIMER = "<script>window.requestAnimationFrame = (draw) => setTimeout(draw, 5);</script>"

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


def dom(page: Path, profile: Path, *options: str) -> str:
    command = [
        str(BROWSER),
        *QUIET,
        f"--user-data-dir={profile}",
        "--virtual-time-budget=4000",
        *options,
        "--dump-dom",
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if not done.stdout.strip():
        pytest.skip(f"Chromium does not run here: {done.stderr.strip()[-200:]}")
    return done.stdout


def test_the_policy_lets_the_page_s_script_run(page: Path, tmp_path: Path) -> None:
    assert 'data-view="groups"' in dom(page, tmp_path)


@pytest.mark.parametrize("width", [1280, 500])
def test_the_map_answers(page: Path, tmp_path: Path, width: int) -> None:
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text("utf-8"))
    poked = tmp_path / "poked.html"
    poked.write_text(html.replace("<head>", "<head>" + TIMER).replace("</body>", f"<script>{POKE}</script></body>"), "utf-8")
    found = re.search(r'data-told="([^"]*)"', dom(poked, tmp_path / "profile", f"--window-size={width},1400"))
    assert found, "the script on the page failed"
    told = json.loads(unescape(found[1]))
    island = json.loads(Page(html).data[0])
    colours = {
        tuple(int(one[key][i : i + 2], 16) for i in (1, 3, 5)) for one in island["classes"] for key in ("standard", "safe")
    }
    colours |= {tuple(int(one["standard"][i : i + 2], 16) for i in (1, 3, 5)) for one in island["groups"]}
    assert told["view"] == "groups"
    for key in ("groups", "classes", "safe"):
        *colour, opacity = map(int, told[key].split(","))
        assert tuple(colour) in colours and opacity == 255
    assert told["classes"] != told["safe"]
    names = island["names"].split("\n")
    shown = [next(name for name in names if name in told[key]) for key in ("first", "second")]
    assert names.index(shown[1]) == names.index(shown[0]) + 1
    assert "° N" in told["first"] and "% sure" in told["first"]
    assert told["zoomed"] is True and told["hidden"] is False
    assert any(one["name"] in told["tip"] for one in island["classes"])
    assert re.fullmatch(r"[125]0* k?m", told["scale"])
    assert told["wide"], "the page is wider than its window"
