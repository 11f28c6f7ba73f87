// One canvas: the tiles painted once into a sheet of a pixel a tile, which is then drawn larger and moved.
const FAINT = 30;

function makePane(frame, tiles, camera) {
  const { rows, cols, row, col, cells } = tiles;
  const canvas = frame.querySelector("canvas"), tip = frame.querySelector(".tip"), context = canvas.getContext("2d");
  const sheet = document.createElement("canvas");
  Object.assign(sheet, { width: cols, height: rows });
  const rgb = (hex) => [1, 3, 5].map((from) => parseInt(hex.slice(from, from + 2), 16));

  function paint(view, layer, safe, picked) {
    const values = tiles.arrays[view.arrays[frame.dataset.layer || layer]];
    const colours = view.entries.map((one, i) => [...rgb(safe ? one.safe : one.standard), !picked.size || picked.has(i) ? 255 : FAINT]);
    const image = sheet.getContext("2d").createImageData(cols, rows);
    for (let at = 0; at < cells.length; at++) {
      const entry = cells[at] < 0 ? 255 : view.lookup[values[cells[at]]];
      if (entry < colours.length) image.data.set(colours[entry], at * 4);
    }
    sheet.getContext("2d").putImageData(image, 0, 0);
  }

  function draw(chosen) {
    const sharp = window.devicePixelRatio || 1, { width, height, x, y } = camera;
    const stepX = camera.stepX(), stepY = camera.stepY();
    if (canvas.width !== Math.round(width * sharp)) canvas.width = Math.round(width * sharp);
    if (canvas.height !== Math.round(height * sharp)) canvas.height = Math.round(height * sharp);
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.fillStyle = getComputedStyle(frame).backgroundColor; // a printer has no ground below the canvas
    context.fillRect(0, 0, width, height);
    context.imageSmoothingEnabled = stepX * sharp < 1;
    context.drawImage(sheet, -x * stepX, -y * stepY, cols * stepX, rows * stepY);
    if (stepX > 28) rule(stepX, stepY);
    if (chosen >= 0) outline((col[chosen] - x) * stepX, (row[chosen] - y) * stepY, Math.max(stepX, 6), Math.max(stepY, 6));
    frame.classList.toggle("zoomed", camera.zoom > 1);
  }

  function rule(stepX, stepY) {
    context.strokeStyle = "rgb(0 0 0 / .18)";
    context.lineWidth = 1;
    context.beginPath();
    for (let c = Math.ceil(camera.x); (c - camera.x) * stepX < camera.width; c++) {
      context.moveTo((c - camera.x) * stepX, 0);
      context.lineTo((c - camera.x) * stepX, camera.height);
    }
    for (let r = Math.ceil(camera.y); (r - camera.y) * stepY < camera.height; r++) {
      context.moveTo(0, (r - camera.y) * stepY);
      context.lineTo(camera.width, (r - camera.y) * stepY);
    }
    context.stroke();
  }

  function outline(left, top, wide, high) {
    for (const [colour, width] of [["#fff", 5], ["#111", 2]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.strokeRect(left, top, wide, high);
    }
  }

  function tell(lines, px, py) {
    tip.hidden = !lines;
    if (!lines) return;
    tip.replaceChildren(...lines.map((words, i) => Object.assign(document.createElement(i ? "span" : "b"), { textContent: words })));
    const right = px + 16 + tip.offsetWidth > camera.width, low = py + 16 + tip.offsetHeight > camera.height;
    tip.style.left = `${Math.max(0, right ? px - 12 - tip.offsetWidth : px + 16)}px`;
    tip.style.top = `${Math.max(0, low ? py - 12 - tip.offsetHeight : py + 16)}px`;
  }

  return { frame, canvas, paint, draw, tell };
}
