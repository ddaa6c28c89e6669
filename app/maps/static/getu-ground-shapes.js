/* Getu 格图 · shapes on the desk: the grids that are known, their rings, the edge that two of them share. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const CELL = 1e7;
  const keyOf = (point) => Math.round(point[0] * CELL) + "," + Math.round(point[1] * CELL);

  const { partsOf } = Getu;
  const toLatLngs = (geometry) => partsOf(geometry).map((rings) => rings.map((ring) => ring.map(([x, y]) => [y, x])));
  function boxOf(geometry) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const rings of partsOf(geometry)) for (const [x, y] of rings[0]) box[0] = Math.min(box[0], x), box[1] = Math.min(box[1], y), box[2] = Math.max(box[2], x), box[3] = Math.max(box[3], y);
    return box;
  }
  /* The longest run of corners of `one` that `other` has too: the edge they share, as [lon, lat] points. */
  function sharedEdge(one, other) {
    const theirs = new Set(partsOf(other).flatMap((rings) => rings.flatMap((ring) => ring.map(keyOf))));
    let best = [];
    for (const ring of partsOf(one).flat()) {
      const open = ring.slice(0, -1);
      const shared = open.map((point) => theirs.has(keyOf(point)));
      const from = shared.indexOf(false);
      if (from < 0) return [...open, open[0]];
      let run = [];
      for (let step = 1; step <= open.length; step++) {
        const at = (from + step) % open.length;
        if (shared[at]) run.push(open[at]);
        else run = [];
        if (run.length > best.length) best = [...run];
      }
    }
    return best.length > 1 ? best : [];
  }

  /* A point well inside: the middle of the longest stretch half-way up. */
  function insideOf(geometry) {
    const [w, s, e, n] = boxOf(geometry);
    const y = (s + n) / 2 + 1e-9;
    const cuts = partsOf(geometry).flatMap((rings) => rings.flatMap((ring) => ring.slice(1).flatMap(([bx, by], at) => (ring[at][1] > y !== by > y ? [ring[at][0] + ((bx - ring[at][0]) * (y - ring[at][1])) / (by - ring[at][1])] : []))));
    cuts.sort((a, b) => a - b);
    let best = [0, (w + e) / 2];
    for (let at = 0; at + 1 < cuts.length; at += 2) if (cuts[at + 1] - cuts[at] > best[0]) best = [cuts[at + 1] - cuts[at], (cuts[at] + cuts[at + 1]) / 2];
    return [best[1], y];
  }

  const known = new Map();
  /* A grid is kept with the finest outline seen so far; a newer version takes the place of an older one. */
  function keep(grid, fine) {
    const before = known.get(grid.id);
    if (before && before.fine && !fine && before.version >= grid.version) return before;
    const now = { ...(before || {}), ...grid, fine: Boolean(fine) };
    if (!grid.bbox || fine) now.bbox = boxOf(grid.geometry);
    if (!now.at || (before && before.version !== now.version)) now.at = insideOf(grid.geometry);
    known.set(grid.id, now);
    return now;
  }
  const fromFeature = (feature) => ({ ...feature.properties, id: Number(feature.properties.id === undefined ? feature.id : feature.properties.id), geometry: feature.geometry });

  Getu.shapes = { toLatLngs, boxOf, sharedEdge, keep, fromFeature };
  Getu.grids = {
    all: () => known.values(),
    find: (id) => known.get(Number(id)),
    byCode: (code) => [...known.values()].find((grid) => grid.code === code),
    forget: (id) => known.delete(Number(id)),
    clear: () => known.clear(),
    size: () => known.size,
    at: (x, y) => [...known.values()].filter((grid) => x >= grid.bbox[0] && x <= grid.bbox[2] && y >= grid.bbox[1] && y <= grid.bbox[3] && Getu.covers(grid.geometry, x, y)),
    versions: (ids) => Object.fromEntries([...new Set(ids.map(Number))].filter((id) => known.has(id)).map((id) => [id, known.get(id).version])),
    meeting: (box) => [...known.values()].filter((grid) => grid.bbox[0] <= box[2] && grid.bbox[2] >= box[0] && grid.bbox[1] <= box[3] && grid.bbox[3] >= box[1]),
  };
})();
