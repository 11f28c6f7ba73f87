// A map with its controls: panes that share one camera, what is shown, which tile is chosen.
function makeMap(root) {
  const tiles = readTiles(JSON.parse(document.getElementById(root.dataset.tiles).textContent));
  const form = root.querySelector(".controls"), info = root.querySelector(".tile-info"), scale = root.querySelector(".scale");
  const state = { view: null, layer: "", safe: false, picked: new Set(), chosen: -1 };
  let waiting = false;

  const camera = makeCamera(tiles, draw);
  const panes = [...root.querySelectorAll(".canvas")].map((frame) => makePane(frame, tiles, camera));

  function draw() {
    if (!waiting) requestAnimationFrame(drawNow);
    waiting = true;
  }

  function drawNow() {
    waiting = false;
    for (const pane of panes) pane.draw(state.chosen);
    measure();
  }

  function fit() {
    camera.resize(panes[0].canvas.clientWidth, panes[0].canvas.clientHeight);
  }

  function measure() {
    const perMetre = camera.stepX() / tiles.metres[0], reach = Math.min(160, camera.width * 0.45) / perMetre;
    const power = 10 ** Math.floor(Math.log10(reach));
    const metres = [5, 2, 1].map((n) => n * power).find((n) => n <= reach) || power;
    scale.firstElementChild.style.width = `${metres * perMetre}px`;
    scale.lastElementChild.textContent = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  }

  const entryOf = (view, tile) => view.entries[view.lookup[tiles.arrays[Object.values(view.arrays)[0]][tile]]];
  function lines(tile) {
    const told = [];
    for (const { array, title, sure, quiet } of tiles.classes) {
      const label = tiles.arrays[array][tile];
      if (quiet && label === tiles.arrays[tiles.classes[0].array][tile]) continue;
      const name = tiles.labels[label] ?? "unknown", percent = sure ? tiles.arrays[sure][tile] : NaN;
      const certain = percent <= 100 ? `, ${percent} % sure` : "";
      told.push(title ? `${title}: ${name}${certain}` : `${name}${certain}`);
    }
    for (const view of tiles.views.filter((one) => one.told)) {
      const entry = entryOf(view, tile);
      if (entry) told.push(`${view.title}: ${entry.name}`);
    }
    return [...told, tiles.names[tile], tiles.place(tile)];
  }

  function hover(px, py) {
    const tile = tiles.at(...camera.cell(px, py));
    for (const pane of panes) pane.tell(tile < 0 ? null : lines(tile), px, py);
  }

  function choose(tile) {
    state.chosen = tile;
    if (tile >= 0) {
      const link = Object.assign(document.createElement("a"), { href: tiles.link(tile), textContent: "Open in a map", rel: "noreferrer", target: "_blank" });
      info.replaceChildren(`${lines(tile).join(" · ")} · `, link);
      camera.show(tile);
    }
    draw();
  }

  function zoom(factor) {
    const { width, height } = camera;
    const px = (tiles.col[state.chosen] + 0.5 - camera.x) * camera.stepX(), py = (tiles.row[state.chosen] + 0.5 - camera.y) * camera.stepY();
    const seen = px >= 0 && py >= 0 && px <= width && py <= height; // never so without a chosen tile
    camera.zoomAt(factor, seen ? px : width / 2, seen ? py : height / 2);
  }

  function step(dr, dc) {
    const tile = state.chosen < 0 ? tiles.middle() : tiles.beside(state.chosen, dr, dc);
    if (tile >= 0) choose(tile);
  }

  function pick(entries) {
    state.picked = new Set(entries);
    for (const button of root.querySelectorAll(".pick")) {
      const on = button.dataset.view === state.view.id && state.picked.has(Number(button.dataset.entry));
      button.setAttribute("aria-pressed", String(on));
    }
    root.classList.toggle("picking", state.picked.size > 0);
  }

  function paint() {
    for (const pane of panes) {
      const own = tiles.views.find((view) => view.id === pane.frame.dataset.view);
      pane.paint(own || state.view, state.layer, state.safe, own && own !== state.view ? new Set() : state.picked);
    }
    draw();
  }

  function read() {
    const view = tiles.views.find((one) => one.id === form.elements.view.value);
    const fresh = view !== state.view;
    Object.assign(state, { view, layer: form.elements.layer?.value || "", safe: form.elements.safe.checked });
    if (fresh) pick([]);
    Object.assign(root.dataset, { shows: view.id, shown: state.layer, safe: state.safe ? "yes" : "no" });
    for (const legend of root.querySelectorAll(".legend")) legend.hidden = legend.dataset.legend !== view.id;
    paint();
  }

  for (const button of root.querySelectorAll(".pick")) {
    button.addEventListener("click", () => {
      const entry = Number(button.dataset.entry), picked = new Set(state.picked);
      if (!picked.delete(entry)) picked.add(entry);
      pick(picked);
      paint();
    });
  }
  const buttons = { in: () => zoom(ZOOM), out: () => zoom(1 / ZOOM), all: camera.whole };
  for (const button of root.querySelectorAll("[data-zoom]")) button.addEventListener("click", buttons[button.dataset.zoom]);
  for (const button of document.querySelectorAll(`[data-goto="${root.id}"]`)) {
    button.addEventListener("click", () => {
      camera.zoom = Math.max(camera.zoom, Math.max(tiles.rows, tiles.cols) / 16);
      choose(Number(button.dataset.tile));
      root.scrollIntoView({ block: "center" });
      panes[0].canvas.focus({ preventScroll: true });
    });
  }
  const leave = () => panes.forEach((pane) => pane.tell(null));
  for (const { canvas } of panes) listen(canvas, camera, { hover, leave, step, zoom, choose: (px, py) => choose(tiles.at(...camera.cell(px, py))) });
  form.addEventListener("change", read);
  form.addEventListener("submit", (event) => event.preventDefault());
  new ResizeObserver(fit).observe(panes[0].canvas);
  matchMedia("print").addEventListener("change", () => { fit(); drawNow(); });
  fit();
  read();
  drawNow(); // a page that is printed at once has no frame to wait for
}

for (const root of document.querySelectorAll("[data-tiles]")) makeMap(root);
