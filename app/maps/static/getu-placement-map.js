/* Getu 格图 · the map of one case: village outlines, lettered candidates, the source's point, a pin to drag. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const PALE = { color: "#fff", weight: 1.5, fillColor: "#f1f3f0", fillOpacity: 1 };
  const OFFERED = { color: "#0b5c6b", weight: 1.2, opacity: 0.7, fillColor: "#eef5f5", fillOpacity: 1, dashArray: "5 4" };
  const CHOSEN = { color: "#074853", weight: 2, fillColor: "#e3f0f2", fillOpacity: 1 };
  const RIM = { color: "#fff", weight: 6, fill: false };
  let map = null;
  let shown = null;
  let chosen = "";
  let pin = null;
  let onPin = null;
  const layers = {};
  let known = new Map();
  let asked = 0;

  function pinIcon(letter, colour) {
    const svg = '<svg width="28" height="36" viewBox="0 0 28 36" aria-hidden="true"><path d="M14 35C9 27 1 22 1 13.5a13 13 0 0 1 26 0C27 22 19 27 14 35z" fill="' + colour + '" stroke="#fff" stroke-width="2"/>' + (letter ? '<text x="14" y="18">' + letter + "</text>" : '<circle cx="14" cy="13.5" r="4.5" fill="#fff"/>') + "</svg>";
    return L.divIcon({ className: "letter-pin", html: svg, iconSize: [28, 36], iconAnchor: [14, 35] });
  }

  function start() {
    map = L.map("map", { zoomControl: false, attributionControl: false, keyboard: false, zoomSnap: 0.25, zoomDelta: 0.5, minZoom: 7, maxZoom: 19, zoomAnimation: false, fadeAnimation: false });
    Getu.caseLeaflet = map;
    map.createPane("names").style.zIndex = 590;
    for (const key of ["ground", "offered", "chosen", "points", "names", "pin"]) layers[key] = L.layerGroup().addTo(map);
    map.setView([31.9, 121.2], 11);
    map.on("zoomend moveend resize", refresh);
    map.on("click", (event) => pin && event.originalEvent.target === map.getContainer() && movePin(event.latlng));
    const tool = (name, sign, act) => el("button", { type: "button", id: "tool-" + name, "aria-label": say(name === "in" ? "zoom_in" : name === "out" ? "zoom_out" : "pin"), title: say(name === "in" ? "zoom_in" : name === "out" ? "zoom_out" : "pin"), onclick: act }, icon(sign));
    Getu.find("#map-tools").replaceChildren(tool("in", "plus", () => map.zoomIn(1)), tool("out", "minus", () => map.zoomOut(1)), tool("pin", "pin", () => Getu.desk.pin()));
  }

  /* Villages that came with the case, and those asked for when the map is moved away from them. */
  async function fetchGround() {
    const box = map.getBounds();
    if (!shown || box.getEast() - box.getWest() > 1.5 || box.getNorth() - box.getSouth() > 1.5) return;
    const mine = ++asked;
    await new Promise((done) => setTimeout(done, 250));
    if (mine !== asked) return;
    const sides = { west: box.getWest(), south: box.getSouth(), east: box.getEast(), north: box.getNorth() };
    const text = Object.entries(sides).map(([key, value]) => key + "=" + value.toFixed(6)).join("&");
    const found = await Getu.ask("/api/v1/placement/outlines?" + text).catch(() => ({ outlines: [] }));
    if (mine === asked) addGround(found.outlines), drawNames();
  }
  function addGround(outlines) {
    for (const one of outlines) {
      if (known.has(one.code)) continue;
      const shape = L.geoJSON(one.outline, { style: PALE });
      shape.on("click", (event) => (pin ? movePin(event.latlng) : Getu.desk.pickCode(one.code)));
      known.set(one.code, { name: one.name, lat: one.lat, lng: one.lon, bounds: shape.getBounds(), outline: one.outline });
      shape.addTo(layers.ground);
    }
  }

  const offers = () => (shown ? shown.candidates : []);
  const pointOf = (one) => (one.lon === null ? null : one);

  function drawOffers() {
    for (const key of ["offered", "chosen", "points"]) layers[key].clearLayers();
    const main = offers().find((one) => one.letter === chosen) || {};
    const same = (one) => String(one.label) === String(main.label) && main.act !== "pin";
    for (const one of offers()) {
      const now = one.letter === chosen;
      if (one.outline && one.act !== "pin" && (now || !same(one))) {
        if (now) L.geoJSON(one.outline, { style: RIM, interactive: false }).addTo(layers.chosen);
        L.geoJSON(one.outline, { style: now ? CHOSEN : OFFERED, interactive: false }).addTo(now ? layers.chosen : layers.offered);
      }
      const point = pointOf(one);
      if (point && !pin) {
        const marker = L.marker([point.lat, point.lon], { icon: pinIcon(one.letter, now ? "#0b5c6b" : "#40505b"), keyboard: false, zIndexOffset: now ? 500 : 0, title: one.name });
        marker.on("click", () => Getu.desk.choose(one.letter));
        marker.addTo(layers.points);
      }
    }
    drawSource();
    drawNames();
  }
  function drawSource() {
    const source = shown.source_point;
    const own = shown.placement;
    const at = source || (own.lon === null ? null : own);
    if (!at) return;
    if (at.accuracy_m) L.circle([at.lat, at.lon], { radius: at.accuracy_m, color: "#0b5c6b", weight: 1.2, dashArray: "4 3", fillColor: "#0b5c6b", fillOpacity: 0.12, interactive: false }).addTo(layers.points);
    L.circleMarker([at.lat, at.lon], { radius: 5, color: "#fff", weight: 2, fillColor: "#1d5a9c", fillOpacity: 1 }).bindTooltip(say(source ? "source_point" : "pin_here")).addTo(layers.points);
  }
  /* A candidate with a pin of its own carries its letter there; one known to the village only, beside its name. */
  function drawNames() {
    const letters = new Map(offers().filter((one) => one.label && one.act !== "pin").map((one) => [one.label.join(), one]));
    const taken = new Set();
    const names = [...letters.values()].map((one) => {
      taken.add(one.village);
      const lone = pointOf(one) === null;
      return { text: one.level === "town" ? one.name : one.village || one.name, lat: one.label[1], lng: one.label[0], offered: true, letter: lone ? one.letter : "", chosen: one.letter === chosen };
    });
    for (const one of known.values()) if (!taken.has(one.name) || ![...letters.values()].some((offer) => Math.abs(offer.label[1] - one.lat) + Math.abs(offer.label[0] - one.lng) < 0.003)) names.push({ text: one.name, ...one });
    const size = map.getSize();
    const pins = [{ x: 0, y: 0, w: 72, h: 152 }, { x: 0, y: size.y - 48, w: 110, h: 48 }];
    layers.points.eachLayer((layer) => {
      if (!layer.getLatLng || layer.getRadius) return;
      const at = map.latLngToContainerPoint(layer.getLatLng());
      pins.push({ x: at.x - 16, y: at.y - 38, w: 32, h: 40 });
    });
    Getu.placeNames(map, layers.names, names, pins);
  }
  function refresh() {
    Getu.placeScale(map, Getu.find("#scale"));
    drawNames();
    fetchGround();
  }

  function boundsOf(one) {
    const bounds = one.bounds && one.act !== "pin" ? L.latLngBounds([one.bounds[1], one.bounds[0]], [one.bounds[3], one.bounds[2]]) : L.latLngBounds([]);
    const point = pointOf(one);
    if (point) bounds.extend([point.lat, point.lon]);
    return bounds;
  }
  /* All candidates where they lie near one another, else the chosen one: a village must stay readable. */
  function fit() {
    const main = offers().find((one) => one.letter === chosen);
    let bounds = main ? boundsOf(main) : L.latLngBounds([]);
    const source = shown.source_point || (shown.placement.lon === null ? null : shown.placement);
    if (source) bounds.extend([source.lat, source.lon]);
    const all = offers().reduce((sum, one) => (boundsOf(one).isValid() ? sum.extend(boundsOf(one)) : sum), bounds.isValid() ? L.latLngBounds(bounds.getSouthWest(), bounds.getNorthEast()) : L.latLngBounds([]));
    if (all.isValid() && all.getNorth() - all.getSouth() < 0.12 && all.getEast() - all.getWest() < 0.16) bounds = all;
    const whole = Getu.config.bounds;
    if (!bounds.isValid() && whole) bounds = L.latLngBounds([whole[1], whole[0]], [whole[3], whole[2]]);
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [28, 28], maxZoom: 16, animate: false });
  }

  /* The pin: dragged, set by a click, or nudged with the arrows; what it stands on is told as it moves. */
  function movePin(at) {
    pin.setLatLng(at);
    tellPin();
  }
  function villageAt(at) {
    for (const one of known.values()) {
      if (Getu.covers(one.outline, at.lng, at.lat)) return one.name;
    }
    return "";
  }
  let telling = 0;
  async function tellPin() {
    const at = pin.getLatLng();
    const mine = ++telling;
    onPin({ lon: at.lng, lat: at.lat, village: villageAt(at), grid: null });
    await new Promise((done) => setTimeout(done, 200));
    if (mine !== telling || !pin) return;
    const found = await Getu.ask("/api/v1/locate?lon=" + at.lng.toFixed(7) + "&lat=" + at.lat.toFixed(7)).catch(() => null);
    if (mine === telling && pin) onPin({ lon: at.lng, lat: at.lat, village: villageAt(at), grid: (found && found.grid) || false });
  }

  Getu.caseMap = {
    show(one, letter) {
      if (!map) start();
      map.invalidateSize({ animate: false });
      shown = one;
      chosen = letter;
      layers.ground.clearLayers();
      known = new Map();
      this.leavePin();
      addGround(one.neighbours);
      fit();
      drawOffers();
      Getu.find("#map").setAttribute("role", "application");
      Getu.find("#map").setAttribute("aria-label", say("case_map", { address: one.address || "" }));
    },
    choose(letter) {
      chosen = letter;
      const one = offers().find((offer) => offer.letter === letter);
      const bounds = one ? boundsOf(one) : null;
      if (bounds && bounds.isValid() && !map.getBounds().contains(bounds)) map.fitBounds(bounds, { padding: [28, 28], maxZoom: 16, animate: false });
      drawOffers();
    },
    startPin(tell) {
      onPin = tell;
      const main = offers().find((one) => one.letter === chosen);
      const point = main && pointOf(main);
      const village = main && !point && main.label ? { lon: main.label[0], lat: main.label[1] } : null;
      const from = point || village || shown.source_point || (shown.placement.lon !== null ? shown.placement : null);
      const at = from ? L.latLng(from.lat, from.lon) : map.getCenter();
      pin = L.marker(at, { icon: pinIcon("", "#8a5200"), draggable: true, autoPan: true, keyboard: true, title: say("pin_here"), alt: say("pin_here"), zIndexOffset: 1000 });
      pin.on("drag", () => onPin({ lon: pin.getLatLng().lng, lat: pin.getLatLng().lat, village: villageAt(pin.getLatLng()), grid: null }));
      pin.on("dragend", tellPin);
      pin.addTo(layers.pin);
      if (!map.getBounds().contains(at)) map.panTo(at, { animate: false });
      Getu.find("#map").classList.add("pinning");
      drawOffers();
      tellPin();
    },
    nudge(x, y) {
      const at = map.latLngToContainerPoint(pin.getLatLng());
      movePin(map.containerPointToLatLng([at.x + x, at.y + y]));
    },
    leavePin() {
      if (pin) pin.remove();
      pin = null;
      telling += 1;
      Getu.find("#map").classList.remove("pinning");
      if (shown) drawOffers();
    },
    where: () => pin && pin.getLatLng(),
  };
})();
