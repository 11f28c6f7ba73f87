// Pointer, wheel, pinch and keys of one canvas. `on` has hover(px, py), leave(), choose(px, py), step(dr, dc), zoom(factor).
const ZOOM = 1.5, NUDGE = 60;

function listen(canvas, camera, on) {
  const held = new Map();
  let moved = false;
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return { px: event.clientX - box.left, py: event.clientY - box.top };
  };
  const spread = () => {
    const [a, b] = [...held.values()];
    return { px: (a.px + b.px) / 2, py: (a.py + b.py) / 2, apart: Math.max(1, Math.hypot(a.px - b.px, a.py - b.py)) };
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!held.size) moved = false;
    held.set(event.pointerId, { ...point(event), from: point(event) });
    if (event.isTrusted && (camera.zoom > 1 || held.size > 1)) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = point(event), before = held.get(event.pointerId);
    if (!before) return on.hover(now.px, now.py);
    if (held.size === 2) {
      const old = spread();
      held.set(event.pointerId, { ...before, ...now });
      const fresh = spread();
      camera.panBy(fresh.px - old.px, fresh.py - old.py);
      camera.zoomAt(fresh.apart / old.apart, fresh.px, fresh.py);
      moved = true;
      return on.leave();
    }
    moved ||= Math.hypot(now.px - before.from.px, now.py - before.from.py) > 4;
    if (!moved) return;
    on.leave();
    camera.panBy(now.px - before.px, now.py - before.py);
    held.set(event.pointerId, { ...before, ...now });
  });
  canvas.addEventListener("pointerup", (event) => {
    if (held.delete(event.pointerId) && !held.size && !moved) on.choose(point(event).px, point(event).py);
  });
  canvas.addEventListener("pointercancel", (event) => held.delete(event.pointerId));
  canvas.addEventListener("pointerleave", () => on.leave());
  canvas.addEventListener("dblclick", (event) => camera.zoomAt(2, point(event).px, point(event).py));

  canvas.addEventListener("wheel", (event) => {
    const factor = Math.exp(-Math.max(-120, Math.min(120, event.deltaY * (event.deltaMode ? 40 : 1))) / 400);
    const wanted = event.ctrlKey || event.metaKey || (document.activeElement === canvas && camera.canZoom(factor));
    if (!wanted) return;
    event.preventDefault();
    camera.zoomAt(factor, point(event).px, point(event).py);
  }, { passive: false });

  const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const keys = {
    "+": () => on.zoom(ZOOM), "=": () => on.zoom(ZOOM), "-": () => on.zoom(1 / ZOOM), "_": () => on.zoom(1 / ZOOM),
    0: camera.whole, Home: camera.whole, Escape: camera.whole,
  };
  canvas.addEventListener("keydown", (event) => {
    const arrow = arrows[event.key];
    if ((!arrow && !keys[event.key]) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (arrow && event.shiftKey) camera.panBy(-arrow[1] * NUDGE, -arrow[0] * NUDGE);
    else if (arrow) on.step(...arrow);
    else keys[event.key]();
  });
}
