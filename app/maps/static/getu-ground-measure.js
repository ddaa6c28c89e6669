/* Getu 格图 · measuring on the map: how long, how large; and the legend over it. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, say } = Getu;
  let points = null;
  let layer = null;
  let over = null;

  const map = () => Getu.ground.leaflet();
  const lengthOf = (line) => line.slice(1).reduce((sum, point, at) => sum + map().distance(line[at], point), 0);
  /* Area on the sphere of the points closed to a ring. */
  function areaOf(line) {
    const R = 6371008.8;
    const rad = Math.PI / 180;
    let sum = 0;
    line.forEach((a, at) => {
      const b = line[(at + 1) % line.length];
      sum += (b.lng - a.lng) * rad * (2 + Math.sin(a.lat * rad) + Math.sin(b.lat * rad));
    });
    return Math.abs((sum * R * R) / 2);
  }
  function draw(hover) {
    layer.clearLayers();
    const line = hover ? [...points, hover] : points;
    if (line.length > 2) L.polygon(line, { pane: "preview", color: "#1d5a9c", weight: 0, fillOpacity: 0.08, interactive: false, pmIgnore: true }).addTo(layer);
    if (line.length > 1) L.polyline(line, { pane: "preview", color: "#1d5a9c", weight: 2, dashArray: "6 4", interactive: false, pmIgnore: true }).addTo(layer);
    for (const point of points) L.circleMarker(point, { pane: "preview", radius: 4, color: "#fff", weight: 1.5, fillColor: "#1d5a9c", fillOpacity: 1, interactive: false, pmIgnore: true }).addTo(layer);
    const told = line.length > 1 ? [Getu.widthOf(lengthOf(line)), line.length > 2 ? Getu.areaOf(areaOf(line)) : null].filter(Boolean).join("·") : say("g_measure_hint");
    Getu.hint(told, [el("button.btn", { type: "button", onclick: () => ((points = []), draw()) }, say("g_again")), el("button.btn", { type: "button", id: "measure-end", onclick: () => Getu.measure.toggle() }, say("g_end"), el("span.kbd", {}, "Esc"))]);
  }
  const move = (event) => points.length && draw(event.latlng);

  Getu.measure = {
    on: () => points !== null,
    toggle() {
      const button = Getu.find("#map-measure");
      if (points) {
        layer.remove();
        map().off("mousemove", move);
        points = null;
        Getu.ground.onClick(over);
        Getu.hint(null);
        if (Getu.desk.mode === "edit") Getu.editing.again();
      } else {
        points = [];
        layer = L.layerGroup().addTo(map());
        map().on("mousemove", move);
        over = Getu.desk.mode === "edit" ? Getu.editing.click : null;
        Getu.ground.onClick((at) => (points.push(at), draw()));
        draw();
      }
      button.setAttribute("aria-pressed", String(Boolean(points)));
      Getu.find("#map").classList.toggle("measuring", Boolean(points));
    },
  };

  /* The bar over the map says what the next click does. */
  Getu.hint = function (words, acts) {
    const bar = Getu.find("#hint");
    bar.hidden = !words;
    if (words) bar.replaceChildren(el("span.grow", { role: "status" }, words), ...(acts || []));
    Getu.find("#map-legend").hidden = Boolean(words);
  };

  Getu.drawLegend = function (grids, open) {
    const swatch = (style) => el("i.sw", { style: "background:" + style.fillColor + ";border:1.5px solid " + style.color });
    const parts = grids.map(([grid, style]) => el("span", {}, swatch(style), grid.name));
    if (open && open.group !== "notice") parts.push(el("span", {}, el("i.sw.hatched" + (open.kind === "gap" ? ".gap-sw" : "")), say("finding_" + open.kind)));
    if (open && Getu.config.sees_customers && open.group !== "notice") parts.push(el("span", {}, el("i.dot.red"), say(open.kind === "gap" ? "g_gap_customers" : "g_fault_customers")), el("span", {}, el("i.dot"), say("g_other_customers")));
    if (!open && Getu.desk.rows0.length) parts.push(el("span", {}, el("i.dot.red"), say("g_must_fix")), el("span", {}, el("i.dot.amber"), say("g_other_findings")), el("span", {}, el("i.dot.grey"), say("g_notices")));
    Getu.find("#map-legend").replaceChildren(...parts);
  };
})();
