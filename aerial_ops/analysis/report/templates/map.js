"use strict";
(() => {
  const root = document.getElementById("map");
  if (!root) return;
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const numbers = (packed, Kind) => new Kind(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0)).buffer);
  const { rows, cols, classes, groups } = data;
  const row = numbers(data.row, Uint16Array), col = numbers(data.col, Uint16Array);
  const lat = numbers(data.lat, Float32Array), lon = numbers(data.lon, Float32Array);
  const layers = { raw: numbers(data.raw, Uint8Array), smoothed: numbers(data.smoothed, Uint8Array) };
  const sure = data.sure && numbers(data.sure, Uint8Array);
  const names = data.names.split("\n");
  const cells = new Int32Array(rows * cols).fill(-1);
  for (let i = row.length - 1; i >= 0; i--) cells[row[i] * cols + col[i]] = i;

  const frame = root.querySelector(".canvas"), canvas = frame.querySelector("canvas"), tip = frame.querySelector(".tip");
  const info = root.querySelector(".tile-info"), scale = root.querySelector(".scale"), context = canvas.getContext("2d");
  const sheet = document.createElement("canvas");
  sheet.width = cols;
  sheet.height = rows;
  const state = { view: "groups", layer: "raw", safe: false, only: null, zoom: 1, x: 0, y: 0, chosen: -1 };
  const most = Math.max(1, Math.max(rows, cols) / 6);

  const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const stepX = () => (canvas.clientWidth / cols) * state.zoom;
  const stepY = () => (canvas.clientHeight / rows) * state.zoom;

  function paint() {
    const palette = classes.map((one) => rgb((state.view === "groups" ? groups[one.group] : one)[state.safe ? "safe" : "standard"]));
    const shown = classes.map((one) => !state.only || (state.view === "groups" ? groups[one.group].name : one.name) === state.only);
    const image = new ImageData(cols, rows), labels = layers[state.layer];
    for (let at = 0; at < cells.length; at++) {
      if (cells[at] < 0) continue;
      const label = labels[cells[at]];
      image.data.set(palette[label], at * 4);
      image.data[at * 4 + 3] = shown[label] ? 255 : 36;
    }
    sheet.getContext("2d").putImageData(image, 0, 0);
    draw();
  }

  let waiting = false;
  function draw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const sharp = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
      if (canvas.width !== Math.round(width * sharp)) canvas.width = Math.round(width * sharp);
      if (canvas.height !== Math.round(height * sharp)) canvas.height = Math.round(height * sharp);
      context.setTransform(sharp, 0, 0, sharp, 0, 0);
      context.clearRect(0, 0, width, height);
      context.imageSmoothingEnabled = false;
      context.drawImage(sheet, -state.x * stepX(), -state.y * stepY(), cols * stepX(), rows * stepY());
      if (state.chosen >= 0) outline(state.chosen);
      frame.classList.toggle("zoomed", state.zoom > 1);
      measure();
    });
  }

  function outline(tile) {
    const size = Math.max(stepX(), 5), x = (col[tile] - state.x) * stepX(), y = (row[tile] - state.y) * stepY();
    for (const [colour, width] of [["#fff", 4], ["#111", 2]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.strokeRect(x, y, size, Math.max(stepY(), 5));
    }
  }

  function measure() {
    const perMetre = stepX() / data.metres[0];
    const reach = Math.min(160, canvas.clientWidth * 0.45) / perMetre;
    const power = 10 ** Math.floor(Math.log10(reach));
    const metres = [5, 2, 1].map((n) => n * power).find((n) => n <= reach) || power;
    scale.firstElementChild.style.width = `${metres * perMetre}px`;
    scale.lastElementChild.textContent = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  }

  function keepInside() {
    state.zoom = Math.min(most, Math.max(1, state.zoom));
    state.x = Math.min(cols - cols / state.zoom, Math.max(0, state.x));
    state.y = Math.min(rows - rows / state.zoom, Math.max(0, state.y));
  }

  function zoomAt(factor, px, py) {
    const cx = state.x + px / stepX(), cy = state.y + py / stepY();
    state.zoom = Math.min(most, Math.max(1, state.zoom * factor));
    state.x = cx - px / stepX();
    state.y = cy - py / stepY();
    keepInside();
    draw();
  }

  function zoomBy(factor) {
    const tile = state.chosen;
    const px = tile < 0 ? canvas.clientWidth / 2 : (col[tile] + 0.5 - state.x) * stepX();
    const py = tile < 0 ? canvas.clientHeight / 2 : (row[tile] + 0.5 - state.y) * stepY();
    zoomAt(factor, px, py);
  }

  function whole() {
    Object.assign(state, { zoom: 1, x: 0, y: 0 });
    draw();
  }

  const degrees = (value, plus, minus) => `${Math.abs(value).toFixed(5)}° ${value < 0 ? minus : plus}`;
  function lines(tile) {
    const one = classes[layers[state.layer][tile]], group = groups[one.group].name;
    const was = classes[layers.raw[tile]].name;
    const head = one.name === group ? one.name : `${one.name} (${group})`;
    const more = [];
    if (was !== one.name) more.push(`classified as ${was}, smoothed`);
    if (sure) more.push(`${sure[tile]} % sure${was !== one.name ? ` of ${was}` : ""}`);
    return [head, ...more, names[tile], `${degrees(lat[tile], "N", "S")}, ${degrees(lon[tile], "E", "W")}`];
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    const px = event.clientX - box.left, py = event.clientY - box.top;
    const c = Math.floor(state.x + px / stepX()), r = Math.floor(state.y + py / stepY());
    return { px, py, tile: c >= 0 && r >= 0 && c < cols && r < rows ? cells[r * cols + c] : -1 };
  }

  function hover(event) {
    const { px, py, tile } = at(event);
    tip.hidden = tile < 0;
    if (tile < 0) return;
    const [head, ...rest] = lines(tile);
    tip.replaceChildren(...[["b", head], ...rest.map((line) => ["span", line])].map(([tag, words]) => {
      const element = document.createElement(tag);
      element.textContent = words;
      return element;
    }));
    const right = px + 16 + tip.offsetWidth > frame.clientWidth, low = py + 16 + tip.offsetHeight > frame.clientHeight;
    tip.style.left = `${Math.max(0, right ? px - 12 - tip.offsetWidth : px + 16)}px`;
    tip.style.top = `${Math.max(0, low ? py - 12 - tip.offsetHeight : py + 16)}px`;
  }

  function choose(tile) {
    state.chosen = tile;
    if (tile >= 0) {
      info.textContent = lines(tile).join(" · ");
      const wide = cols / state.zoom, high = rows / state.zoom;
      if (col[tile] < state.x || col[tile] >= state.x + wide) state.x = col[tile] - wide / 2;
      if (row[tile] < state.y || row[tile] >= state.y + high) state.y = row[tile] - high / 2;
      keepInside();
    }
    draw();
  }

  function step(dr, dc) {
    if (state.chosen < 0) {
      let nearest = 0;
      const far = (i) => Math.abs(row[i] - rows / 2) + Math.abs(col[i] - cols / 2);
      for (let i = 1; i < row.length; i++) if (far(i) < far(nearest)) nearest = i;
      return choose(nearest);
    }
    let r = row[state.chosen] + dr, c = col[state.chosen] + dc;
    while (r >= 0 && c >= 0 && r < rows && c < cols && cells[r * cols + c] < 0) [r, c] = [r + dr, c + dc];
    if (r >= 0 && c >= 0 && r < rows && c < cols) choose(cells[r * cols + c]);
  }

  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, fromX: state.x, fromY: state.y, moved: false };
    if (state.zoom > 1) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag || state.zoom === 1) return hover(event);
    const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
    drag.moved ||= Math.hypot(dx, dy) > 4;
    if (!drag.moved) return;
    tip.hidden = true;
    state.x = drag.fromX - dx / stepX();
    state.y = drag.fromY - dy / stepY();
    keepInside();
    draw();
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) choose(at(event).tile);
    drag = null;
  });
  canvas.addEventListener("pointercancel", () => { drag = null; });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  canvas.addEventListener("dblclick", (event) => { const { px, py } = at(event); zoomAt(2, px, py); });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { px, py } = at(event);
    zoomAt(event.deltaY < 0 ? 1.25 : 0.8, px, py);
  }, { passive: false });
  const keys = {
    ArrowUp: () => step(-1, 0), ArrowDown: () => step(1, 0), ArrowLeft: () => step(0, -1), ArrowRight: () => step(0, 1),
    "+": () => zoomBy(1.6), "=": () => zoomBy(1.6), "-": () => zoomBy(1 / 1.6), 0: whole, Escape: whole,
  };
  canvas.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  for (const button of root.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => ({ in: () => zoomBy(1.6), out: () => zoomBy(1 / 1.6), all: whole })[button.dataset.zoom]());
  }

  function only(name) {
    state.only = name;
    for (const button of root.querySelectorAll(".pick")) {
      button.setAttribute("aria-pressed", String(button.dataset.kind === state.view && button.dataset.name === name));
    }
  }
  for (const button of root.querySelectorAll(".pick")) {
    button.addEventListener("click", () => { only(state.only === button.dataset.name ? null : button.dataset.name); paint(); });
  }

  const form = root.querySelector(".controls");
  function read() {
    const view = form.elements.view.value;
    if (view !== state.view) only(null);
    Object.assign(state, { view, layer: form.elements.layer.value, safe: form.elements.safe.checked });
    Object.assign(root.dataset, { view: state.view, layer: state.layer, safe: state.safe ? "yes" : "no" });
    if (state.chosen >= 0) choose(state.chosen);
    paint();
  }
  form.addEventListener("change", read);
  form.addEventListener("submit", (event) => event.preventDefault());
  new ResizeObserver(draw).observe(canvas);
  matchMedia("print").addEventListener("change", draw);
  read();
})();
