// What part of the grid is seen. Positions are in cells; `step` is the size of a cell in CSS pixels.
function makeCamera(tiles, changed) {
  const { rows, cols } = tiles;
  const most = Math.max(1, Math.max(rows, cols) / 6);
  const camera = { zoom: 1, x: 0, y: 0, width: 1, height: 1 };

  function keepInside() {
    camera.zoom = Math.min(most, Math.max(1, camera.zoom));
    camera.x = Math.min(cols - cols / camera.zoom, Math.max(0, camera.x));
    camera.y = Math.min(rows - rows / camera.zoom, Math.max(0, camera.y));
    changed();
  }

  return Object.assign(camera, {
    stepX: () => (camera.width / cols) * camera.zoom,
    stepY: () => (camera.height / rows) * camera.zoom,
    cell: (px, py) => [Math.floor(camera.y + py / camera.stepY()), Math.floor(camera.x + px / camera.stepX())],
    resize(width, height) {
      Object.assign(camera, { width: Math.max(1, width), height: Math.max(1, height) });
      changed();
    },
    moveTo(x, y) {
      Object.assign(camera, { x, y });
      keepInside();
    },
    panBy(dx, dy) {
      camera.moveTo(camera.x - dx / camera.stepX(), camera.y - dy / camera.stepY());
    },
    zoomAt(factor, px, py) {
      const x = camera.x + px / camera.stepX(), y = camera.y + py / camera.stepY();
      camera.zoom = Math.min(most, Math.max(1, camera.zoom * factor));
      camera.moveTo(x - px / camera.stepX(), y - py / camera.stepY());
    },
    canZoom: (factor) => (factor > 1 ? camera.zoom < most : camera.zoom > 1),
    whole() {
      camera.zoom = 1;
      camera.moveTo(0, 0);
    },
    show(tile) {
      const wide = cols / camera.zoom, high = rows / camera.zoom, c = tiles.col[tile], r = tiles.row[tile];
      const x = c < camera.x || c + 1 > camera.x + wide ? c - wide / 2 : camera.x;
      const y = r < camera.y || r + 1 > camera.y + high ? r - high / 2 : camera.y;
      camera.moveTo(x, y);
    },
  });
}
