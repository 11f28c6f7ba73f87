"""The page in a real browser: the policy lets its own script run, nothing is asked of a network, the map answers."""

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from aerial_ops.analysis.report import Order, write, write_report
from tests.analysis.report import stores
from tests.analysis.report.parsing import Page
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator
    from playwright.sync_api import Page as Tab

Opens = Callable[..., "Tab"]


class Seen:
    """What a page has done that it should not: errors, and requests other than for itself."""

    def __init__(self, tab: "Tab", address: str) -> None:
        self.problems: list[str] = []
        tab.on("console", lambda message: self.problems.append(f"{message.type}: {message.text}"))
        tab.on("pageerror", lambda error: self.problems.append(str(error)))
        tab.on("request", lambda request: self.problems.append(request.url) if request.url != address else None)


@pytest.fixture
def opens(browser: "Browser") -> Iterator[Opens]:
    """Opens a page; at the end it has had no error and has asked nothing of a network."""
    seen: list[Seen] = []

    def opened(page: Path, width: int = 1280, height: int = 1000, **context: object) -> "Tab":
        tab = browser.new_page(viewport={"width": width, "height": height}, **context)  # type: ignore[arg-type]
        tab.set_default_timeout(20_000)
        seen.append(Seen(tab, page.as_uri()))
        tab.goto(page.as_uri())
        tab.wait_for_selector("[data-shows]")
        return tab

    yield opened
    for context in browser.contexts:
        context.close()
    assert [problem for one in seen for problem in one.problems] == []


@pytest.fixture(scope="module")
def comparing(full_store: MemoryStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that compares two models."""
    store, path = MemoryStore(), tmp_path_factory.mktemp("comparing") / "models.html"
    store.blobs = dict(full_store.blobs)
    stores.with_second_scoring(store)
    write(store, Order(("lr1", "rf1"), path, "html"))  # type: ignore[arg-type]
    return path


def island(page: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(Page(page.read_text("utf-8")).data[0])
    return found


def frame(tab: "Tab") -> None:
    tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def picture(canvas: "Locator") -> np.ndarray:
    frame(canvas.page)
    return np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB"), dtype=np.int16)


def colours(tab: "Tab") -> set[tuple[int, int, int]]:
    """The colours that cover more than a hundredth of the map."""
    found, counts = np.unique(picture(tab.locator("canvas")).reshape(-1, 3), axis=0, return_counts=True)
    return {(int(r), int(g), int(b)) for (r, g, b), n in zip(found, counts, strict=True) if n > counts.sum() / 100}


def rgb(page: Path, view: str, key: str) -> dict[str, tuple[int, ...]]:
    entries = next(one["entries"] for one in island(page)["views"] if one["id"] == view)  # type: ignore[attr-defined]
    return {one["name"]: tuple(int(one[key][i : i + 2], 16) for i in (1, 3, 5)) for one in entries}


def scale(tab: "Tab") -> float:
    """Metres in the length of the scale bar, by its pixels."""
    words = tab.locator(".scale span").inner_text().split()
    return float(words[0]) * (1000 if words[1] == "km" else 1) / tab.locator(".scale i").bounding_box()["width"]  # type: ignore[index]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_its_window(page: Path, opens: Opens, width: int, scheme: str) -> None:
    tab = opens(page, width, 900, color_scheme=scheme)
    assert tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "the page is wider than its window"
    ground = tab.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) == (scheme == "dark")
    assert re.fullmatch(r"[125]0* k?m", tab.locator(".scale span").inner_text())


def test_views_layers_and_colours_change_the_map(page: Path, opens: Opens) -> None:
    tab = opens(page)
    groups, classes = rgb(page, "groups", "standard"), rgb(page, "classes", "standard")
    assert set(groups.values()) <= colours(tab)
    tab.get_by_role("radio", name="All classes").check()
    assert {classes["Forest"], classes["Cultivated"]} <= colours(tab)
    before = picture(tab.locator("canvas"))
    tab.get_by_role("radio", name="Smoothed").check()
    assert (before != picture(tab.locator("canvas"))).any()
    tab.get_by_label("Colour-blind-safe colours").check()
    assert rgb(page, "classes", "safe")["Forest"] in colours(tab)
    tab.get_by_role("radio", name="Certainty").check()
    assert len(set(rgb(page, "sure", "standard").values()) & colours(tab)) >= 3
    assert tab.locator(".legend:visible").get_attribute("data-legend") == "sure"


def test_classes_are_picked_and_let_go(page: Path, opens: Opens) -> None:
    tab = opens(page)
    groups = rgb(page, "groups", "standard")
    button = tab.get_by_role("button", name="Developed", exact=True)
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert groups["Developed"] in colours(tab) and groups["Undeveloped"] not in colours(tab)
    tab.get_by_role("button", name="Undeveloped", exact=True).click()
    assert groups["Undeveloped"] in colours(tab) and groups["Cultivated"] not in colours(tab)
    button.click()
    tab.get_by_role("button", name="Undeveloped", exact=True).click()
    assert set(groups.values()) <= colours(tab)


def test_keys_move_zoom_and_tell(page: Path, opens: Opens) -> None:
    tab = opens(page)
    names = str(island(page)["names"]).split("\n")
    canvas, info = tab.locator("canvas"), tab.locator(".tile-info")

    def tile() -> int:
        words = info.inner_text()
        assert "% sure" in words and "° N" in words
        return next(i for i, name in enumerate(names) if name in words)

    canvas.focus()
    tab.keyboard.press("ArrowUp")
    first = tile()
    tab.keyboard.press("ArrowRight")
    assert tile() == first + 1
    tab.keyboard.press("ArrowLeft")
    assert tile() == first
    far = scale(tab)
    for _ in range(3):
        tab.keyboard.press("+")
    frame(tab)
    assert scale(tab) < far / 2
    near = picture(canvas)
    tab.keyboard.press("Shift+ArrowRight")
    assert (near != picture(canvas)).any()
    tab.keyboard.press("-")
    frame(tab)
    assert scale(tab) < far
    tab.keyboard.press("0")
    frame(tab)
    assert scale(tab) == pytest.approx(far, rel=0.01)
    link = info.get_by_role("link")
    assert re.fullmatch(
        r"https://www\.openstreetmap\.org/\?mlat=[-\d.]+&mlon=[-\d.]+#map=16/[-\d.]+/[-\d.]+", link.get_attribute("href") or ""
    )


def test_the_pointer_tells_drags_and_chooses(page: Path, opens: Opens) -> None:
    tab = opens(page)
    canvas, tip = tab.locator("canvas"), tab.locator(".tip")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    assert tip.is_hidden()
    tab.mouse.move(x, y)
    told = tip.inner_text()
    assert ".png" in told and "% sure" in told and "° W" in told
    tab.mouse.click(x, y)
    assert told.split("\n")[0] in tab.locator(".tile-info").inner_text()
    tab.mouse.dblclick(x, y)
    tab.mouse.move(5, 5)
    before = picture(canvas)
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x - 90, y - 40, steps=3)
    assert tip.is_hidden()
    tab.mouse.up()
    moved = picture(canvas)
    assert (before[50:-50, 100:-10] != moved[50:-50, 100:-10]).any()
    assert (before[60:-20, 120:-20] == moved[20:-60, 30:-110]).mean() > 0.95, "the map does not follow the pointer"
    tab.mouse.move(5, 5)
    assert tip.is_hidden()


def test_the_wheel_zooms_a_chosen_map_and_scrolls_past_another(page: Path, opens: Opens) -> None:
    tab = opens(page)
    canvas = tab.locator("canvas")
    canvas.scroll_into_view_if_needed()
    canvas.hover()
    far, top = scale(tab), tab.evaluate("() => scrollY")
    tab.mouse.wheel(0, 100)
    tab.wait_for_function(f"() => scrollY > {top}")
    assert scale(tab) == far
    canvas.focus()
    canvas.hover()
    top = tab.evaluate("() => scrollY")
    for _ in range(4):
        tab.mouse.wheel(0, -100)
    tab.wait_for_function("() => document.querySelector('.canvas').classList.contains('zoomed')")
    frame(tab)
    assert scale(tab) < far and tab.evaluate("() => scrollY") == top


def test_two_fingers_zoom(page: Path, opens: Opens) -> None:
    tab = opens(page, 390, 844, has_touch=True, is_mobile=True, device_scale_factor=2)
    canvas = tab.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    x, y, far = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, scale(tab)
    fingers = tab.context.new_cdp_session(tab)
    for kind, apart in (("touchStart", 20), ("touchMove", 50), ("touchMove", 90)):
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    frame(tab)
    assert scale(tab) == pytest.approx(far * 20 / 90, rel=0.15)


def test_it_prints_with_the_map_every_legend_and_no_controls(page: Path, opens: Opens) -> None:
    tab = opens(page)
    tab.emulate_media(media="print")
    assert tab.locator(".controls").is_hidden() and tab.locator("nav").is_hidden()
    assert tab.locator(".legend:visible").count() == tab.locator(".legend").count()
    assert set(rgb(page, "groups", "standard").values()) <= colours(tab)
    assert tab.pdf(print_background=False).startswith(b"%PDF")


def test_without_scripts_there_is_a_still_picture(page: Path, tmp_path: Path, browser: "Browser") -> None:
    frame = tmp_path / "frame.html"
    frame.write_text(f'<iframe sandbox src="{page.as_uri()}" style="width:1200px;height:2400px;border:0"></iframe>')
    tab = browser.new_page(viewport={"width": 1280, "height": 2500}, color_scheme="light")
    tab.goto(frame.as_uri())
    # A frame of another origin is painted by a process of its own, some time after it is loaded. The legend of the certainty,
    # which a script would hide, is to be seen too.
    wanted, missing = {*rgb(page, "groups", "standard").values(), *rgb(page, "sure", "standard").values()}, {()}
    deadline = time.monotonic() + 30
    while missing and time.monotonic() < deadline:
        shot = np.asarray(Image.open(io.BytesIO(tab.screenshot())).convert("RGB"))
        missing = wanted - {tuple(colour) for colour in np.unique(shot.reshape(-1, 3), axis=0).tolist()}
    tab.close()
    assert missing == set()


def test_two_maps_move_together_and_show_where_they_differ(comparing: Path, opens: Opens) -> None:
    tab = opens(comparing)
    panes = tab.locator("canvas")
    assert panes.count() == 3
    first, second, differing = (picture(panes.nth(i)) for i in range(3))
    assert (first != second).any() and (second != differing).any()
    panes.nth(0).scroll_into_view_if_needed()
    panes.nth(0).hover()
    assert [tip.is_visible() for tip in tab.locator(".tip").all()] == [True] * 3
    told = tab.locator(".tip").nth(2).inner_text()
    assert "lr1: " in told and "rf1: " in told and "Differences: " not in told
    panes.nth(1).focus()
    tab.keyboard.press("+")
    for i, before in enumerate((first, second, differing)):
        assert (before != picture(panes.nth(i))).any()
    tab.get_by_role("radio", name="Differences").check()
    tab.get_by_role("button", name="Herbaceous → Cultivated").click()
    assert tab.locator(".legend:visible").get_attribute("data-legend") == "difference"


def test_a_place_is_shown_on_the_map(store: MemoryStore, tmp_path: Path, opens: Opens) -> None:
    stores.with_older_labels(store)
    write_report(store, "rf1", tmp_path / "rf1.html")  # type: ignore[arg-type]
    tab = opens(tmp_path / "rf1.html")
    place = tab.locator(".places li").first
    latitude, longitude = place.get_by_role("link").inner_text().split(", ")
    place.get_by_role("button", name="Show on the map").click()
    told = tab.locator(".tile-info").first.inner_text()
    assert "Developed" in told and "Development: Newly developed" in told
    found = re.search(r"([\d.]+)° N, ([\d.]+)° W", told)
    assert found
    assert abs(float(found[1]) - float(latitude)) < 0.01 and abs(float(found[2]) + float(longitude)) < 0.01
    assert tab.locator(".canvas").first.evaluate("frame => frame.classList.contains('zoomed')")
    assert tab.evaluate("() => document.activeElement.tagName") == "CANVAS"
    tab.get_by_role("radio", name="Development").check()
    assert rgb(tmp_path / "rf1.html", "new", "standard")["Never developed"] in colours(tab)
