/* Getu 格图 · the day's map: one's own grids, numbered visits, oneself; drawn from what the page holds. */
(function () {
  "use strict";
  const { el, say, find, day } = Getu;
  const APART_PX = 30;
  let board = null;
  let marks = null;
  let names = null;

  const nameOf = (one, number) => number + " · " + Getu.nameOf(one);
  /* A number where there is room for one; whoever stands behind a smaller number is a dot until one zooms in. */
  function mark(one, number, taken) {
    const at = board.map.latLngToContainerPoint([one.lat, one.lon]);
    const free = taken.every((other) => other.distanceTo(at) >= APART_PX);
    if (!free) return L.circleMarker([one.lat, one.lon], { radius: 5, weight: 2, color: "#ffffff", fillColor: "#0b5c6b", fillOpacity: 1 }).on("click", () => Getu.openCard(one));
    taken.push(at);
    const icon = L.divIcon({ className: "day-mark" + (number === 1 ? " first" : ""), html: "<span>" + number + "</span>", iconSize: [28, 28] });
    const point = L.marker([one.lat, one.lon], { icon, keyboard: true, title: nameOf(one, number), alt: nameOf(one, number), zIndexOffset: 1000 - number });
    return point.on("click keypress", (event) => (event.type === "click" || event.originalEvent.key === "Enter") && Getu.openCard(one));
  }
  /* One's own grids are named with how far the month has come; names stand where no other name does. */
  function label(grid, taken) {
    const at = board.map.latLngToContainerPoint([grid.lat, grid.lon]);
    const half = Getu.width(grid.name) * 7;
    if (taken.some((other) => Math.abs(other.at.x - at.x) < half + other.half && Math.abs(other.at.y - at.y) < 34)) return;
    taken.push({ at, half });
    const words = el("span", {}, grid.name, el("small", {}, say("month_of", { n: grid.visited, of: grid.existing })));
    L.marker([grid.lat, grid.lon], { interactive: false, keyboard: false, icon: L.divIcon({ className: "day-name", html: words, iconSize: [half * 2, 32] }), zIndexOffset: -1000 }).addTo(names);
  }
  function place() {
    const taken = [];
    marks.clearLayers();
    names.clearLayers();
    Getu.sortDue().forEach((one, at) => one.lon !== null && one.lon !== undefined && mark(one, at + 1, taken).addTo(marks));
    const named = taken.map((at) => ({ at, half: 16 }));
    day.facts.grids.forEach((grid) => grid.lon !== null && label(grid, named));
  }
  function showAll() {
    const own = L.geoJSON(day.ground.features.filter((one) => one.properties.grid_id));
    board.map.invalidateSize();
    if (own.getBounds().isValid()) board.map.fitBounds(own.getBounds(), { padding: [24, 24], animate: false });
  }
  function legend(shown, rest) {
    const item = (look, words) => el("span", {}, look ? el("i" + look, { "aria-hidden": "true" }) : null, words);
    find("#legend").replaceChildren(item(".due", say("map_due", { n: shown })), ...(rest ? [item("", say("map_unpointed", { n: rest }))] : []), ...(day.fix ? [item(".me", say("map_here"))] : []));
  }
  Getu.drawDayMap = function () {
    if (day.tab !== "map" || !day.ground || !day.facts) return;
    const first = !board;
    if (first) {
      board = Getu.drawPinMap(day.ground, null);
      names = L.layerGroup().addTo(board.map);
      marks = L.layerGroup().addTo(board.map);
      board.map.on("zoomend", place);
    }
    const rows = Getu.sortDue();
    const pointed = rows.filter((one) => one.lon !== null && one.lon !== undefined).length;
    legend(pointed, rows.length - pointed);
    if (day.fix) board.setFix({ ...day.fix, accuracy: day.fix.accuracy });
    if (first) showAll();
    else board.map.invalidateSize();
    place();
  };
  /* In whose ground a point lies, by the outlines that the page holds. */
  Getu.groundAt = function (point) {
    if (!day.ground) return undefined;
    const found = day.ground.features.filter((one) => Getu.covers(one.geometry, point.lon, point.lat)).map((one) => one.properties);
    return found.find((one) => one.grid_id) || found[0] || null;
  };
  document.querySelectorAll("[data-tool]").forEach((button) =>
    button.addEventListener("click", () => {
      if (!board) return;
      if (button.dataset.tool === "in") board.map.zoomIn(1);
      if (button.dataset.tool === "out") board.map.zoomOut(1);
      if (button.dataset.tool === "all") showAll();
      if (button.dataset.tool === "me") Getu.findMe().then((fix) => fix && board.show(fix, 16));
    })
  );
  day.listeners.push(() => Getu.drawDayMap());
})();
