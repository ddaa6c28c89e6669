/* Getu 格图 · the map of responsibility: grids of the plan in force, filled by what the list speaks of. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const REST = { color: "#fff", weight: 1, fillColor: "#f1f3f0", fillOpacity: 1 };
  const CHOSEN = { color: "#074853", weight: 3, fill: false, interactive: false };
  const shapes = new Map();
  let map = null;
  let paint = () => null;
  let onPick = null;
  let fitted = false;
  const layers = {};

  function start() {
    map = L.map("map", { zoomControl: false, attributionControl: false, zoomSnap: 0.25, minZoom: 7, maxZoom: 18, zoomAnimation: false, fadeAnimation: false });
    Getu.schemeLeaflet = map;
    map.createPane("names").style.zIndex = 590;
    map.createPane("pins").style.zIndex = 610;
    for (const key of ["ground", "chosen", "pins", "names"]) layers[key] = L.layerGroup().addTo(map);
    map.setView([31.9, 121.2], 10);
    map.on("zoomend moveend resize", refresh);
    const tool = (key, sign, act) => el("button", { type: "button", "aria-label": say(key), title: say(key), onclick: act }, icon(sign));
    Getu.find("#map-tools").replaceChildren(tool("zoom_in", "plus", () => map.zoomIn(1)), tool("zoom_out", "minus", () => map.zoomOut(1)));
  }

  async function load() {
    const found = await Getu.ask("/api/v1/plans/" + encodeURIComponent(Getu.config.plan) + "/outlines");
    for (const feature of found.features) {
      const shape = L.geoJSON(feature.geometry, { style: REST });
      const facts = feature.properties;
      shape.on("click", (event) => onPick && onPick(facts, event.latlng));
      shape.bindTooltip(() => Getu.tellGrid(facts), { sticky: true, className: "scheme-tip" });
      shapes.set(facts.code, { facts, shape });
      shape.addTo(layers.ground);
    }
    fit();
  }
  function fit(codes) {
    fitted = true;
    const wanted = (codes || [...shapes.keys()]).map((code) => shapes.get(code)).filter(Boolean);
    const bounds = wanted.reduce((all, one) => all.extend(one.shape.getBounds()), L.latLngBounds([]));
    /* On a wide map the ground lies beside the legend, not under it. */
    const legend = Getu.find("#legend");
    const beside = !legend.hidden && map.getSize().x > 720 ? legend.offsetWidth : 0;
    if (bounds.isValid()) map.fitBounds(bounds, { paddingTopLeft: [24, 24], paddingBottomRight: [24 + beside, 24], animate: false });
  }
  function refresh() {
    Getu.placeScale(map, Getu.find("#scale"));
    const names = [...shapes.values()].map((one) => {
      const at = one.shape.getBounds().getCenter();
      return { text: one.facts.name, lat: at.lat, lng: at.lng, bounds: one.shape.getBounds() };
    });
    const size = map.getSize();
    Getu.placeNames(map, layers.names, map.getZoom() >= 11 ? names : [], [{ x: size.x - 220, y: 0, w: 220, h: 220 }, { x: 0, y: 0, w: 60, h: 100 }, { x: 0, y: size.y - 48, w: 110, h: 48 }]);
  }

  /* Colours every grid anew: `by(facts)` gives a colour or null, `lines` the legend [[colour, words, number]]. */
  function fill(by, lines) {
    paint = by;
    for (const { facts, shape } of shapes.values()) shape.setStyle({ ...REST, fillColor: paint(facts) || REST.fillColor });
    const legend = Getu.find("#legend");
    const first = legend.hidden && lines.length;
    legend.hidden = !lines.length;
    legend.replaceChildren(el("b", {}, say("legend")), ...lines.map(([colour, words, count]) => el("div.lg", {}, el("i", { style: "background:" + colour }), el("span", {}, words), el("span.num", {}, count === undefined ? "" : Getu.number(count)))));
    if (first && fitted) fit();
  }
  function choose(code, zoom) {
    layers.chosen.clearLayers();
    const one = shapes.get(code);
    if (!one) return;
    L.geoJSON(one.shape.toGeoJSON(), { style: CHOSEN }).addTo(layers.chosen);
    if (zoom) map.fitBounds(one.shape.getBounds(), { padding: [120, 120], maxZoom: 13, animate: false });
  }
  function pins(list, act) {
    layers.pins.clearLayers();
    for (const one of list) {
      const svg = '<svg width="24" height="30" viewBox="0 0 28 36" aria-hidden="true"><path d="M14 35C9 27 1 22 1 13.5a13 13 0 0 1 26 0C27 22 19 27 14 35z" fill="' + one.colour + '" stroke="#fff" stroke-width="2"/><circle cx="14" cy="13.5" r="4.5" fill="#fff"/></svg>';
      const marker = L.marker([one.lat, one.lon], { icon: L.divIcon({ className: "problem-pin", html: svg, iconSize: [24, 30], iconAnchor: [12, 29] }), pane: "pins", title: one.title, alt: one.title });
      marker.on("click", () => act(one));
      marker.addTo(layers.pins);
    }
  }

  Getu.schemeMap = { start, load, fit, fill, choose, pins, refresh, facts: (code) => (shapes.get(code) || {}).facts, pick: (act) => (onPick = act), all: () => [...shapes.values()].map((one) => one.facts) };
})();
