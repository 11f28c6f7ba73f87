// The tiles of one map: typed arrays from base64, and a grid that finds a tile by its cell.
function readTiles(island) {
  const numbers = (packed, Kind) => new Kind(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0)).buffer);
  const { rows, cols, metres, views, classes, labels } = island;
  const row = numbers(island.row, Uint16Array), col = numbers(island.col, Uint16Array);
  const lat = numbers(island.lat, Float32Array), lon = numbers(island.lon, Float32Array);
  const arrays = Object.fromEntries(Object.entries(island.arrays).map(([id, packed]) => [id, numbers(packed, Uint8Array)]));
  const names = island.names.split("\n");
  const cells = new Int32Array(rows * cols).fill(-1);
  for (let tile = row.length - 1; tile >= 0; tile--) cells[row[tile] * cols + col[tile]] = tile;

  const at = (r, c) => (r >= 0 && c >= 0 && r < rows && c < cols ? cells[r * cols + c] : -1);
  const degrees = (value, plus, minus) => `${Math.abs(value).toFixed(5)}° ${value < 0 ? minus : plus}`;
  const place = (tile) => `${degrees(lat[tile], "N", "S")}, ${degrees(lon[tile], "E", "W")}`;
  const link = (tile) => island.link.replaceAll("LAT", lat[tile].toFixed(5)).replaceAll("LON", lon[tile].toFixed(5));

  function middle() {
    let nearest = 0, least = Infinity;
    for (let tile = 0; tile < row.length; tile++) {
      const far = Math.abs(row[tile] - rows / 2) + Math.abs(col[tile] - cols / 2);
      if (far < least) [nearest, least] = [tile, far];
    }
    return nearest;
  }

  function beside(tile, dr, dc) {
    let r = row[tile] + dr, c = col[tile] + dc;
    while (r >= 0 && c >= 0 && r < rows && c < cols && at(r, c) < 0) [r, c] = [r + dr, c + dc];
    return at(r, c);
  }

  return { rows, cols, metres, views, classes, labels, row, col, lat, lon, arrays, names, cells, at, place, link, middle, beside };
}
