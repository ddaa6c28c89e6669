/* Getu 格图 · the map under the pin: one's own grids and the villages round them, drawn from what the page holds. */
(function () {
  "use strict";
  const PIN = '<svg width="44" height="52" viewBox="0 0 44 52" aria-hidden="true"><path d="M22 50C22 50 4 32 4 20a18 18 0 0 1 36 0c0 12-18 30-18 30z" fill="#0b5c6b" stroke="#fff" stroke-width="2.5"/><circle cx="22" cy="20" r="7" fill="#fff"/></svg>';
  const OWN = { color: "#7b868c", weight: 1.5, fillColor: "#e3f0f2", fillOpacity: 1 };
  const ROUND = { color: "#c9d3d8", weight: 1.2, fillColor: "#f1f3f0", fillOpacity: 1 };
  const STEP_M = 5;

  function name(map, layers, all) {
    const show = map.getZoom() >= 13;
    const view = map.getBounds();
    layers.eachLayer((shape) => {
      const near = show && (all || !shape.feature.properties.grid_id) && view.intersects(shape.getBounds());
      if (!near) return shape.unbindTooltip();
      if (!shape.getTooltip()) shape.bindTooltip(shape.feature.properties.name, { permanent: true, direction: "center", className: "pin-name", interactive: false });
    });
  }

  /* Even-odd over all rings: a hole is no ground. */
  function holds(geometry, { lon, lat }) {
    const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    let inside = false;
    for (const ring of parts.flat())
      for (let n = 0, last = ring.length - 1; n < ring.length; last = n++) {
        const [x, y] = ring[n];
        const [px, py] = ring[last];
        if (y > lat !== py > lat && lon < ((px - x) * (lat - y)) / (py - y) + x) inside = !inside;
      }
    return inside;
  }

  /* {setFix, setPin, pin, show, far}: tell(by) is called when a person moves the pin; without it a tap sets none,
     and own grids are named by whoever draws on the map. */
  Getu.drawPinMap = function (ground, tell) {
    const map = L.map("map", { zoomControl: false, attributionControl: false, zoomSnap: 0.25, minZoom: 8, maxZoom: 19, preferCanvas: true, keyboard: false });
    map.setView([35, 105], 8);
    const shapes = L.geoJSON(ground, { interactive: false, style: (feature) => (feature.properties.grid_id ? OWN : ROUND) }).addTo(map);
    map.on("moveend zoomend", () => name(map, shapes, Boolean(tell)));
    const ring = L.circle([0, 0], { radius: 0, stroke: true, weight: 1, color: "#1d5a9c", fillColor: "#1d5a9c", fillOpacity: 0.14, interactive: false });
    const dot = L.circleMarker([0, 0], { radius: 7, weight: 2, color: "#ffffff", fillColor: "#1d5a9c", fillOpacity: 1, interactive: false });
    const icon = (more) => L.divIcon({ className: "pin-mark" + more, html: PIN, iconSize: [44, 52], iconAnchor: [22, 50] });
    const pin = L.marker([0, 0], { draggable: true, autoPan: true, icon: icon(""), keyboard: true });
    const at = () => (map.hasLayer(pin) ? pin.getLatLng() : null);

    function place(latlng) {
      pin.setLatLng(latlng);
      if (map.hasLayer(pin)) return;
      pin.addTo(map);
      const mark = pin.getElement();
      mark.setAttribute("aria-label", Getu.say("pin_marker"));
      mark.addEventListener("keydown", step);
    }
    function step(event) {
      const ways = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
      const way = ways[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      const { lat, lng } = pin.getLatLng();
      const degree = 111320;
      place([lat + (way[1] * STEP_M) / degree, lng + (way[0] * STEP_M) / (degree * Math.cos((lat * Math.PI) / 180))]);
      tell();
    }
    if (tell) map.on("click", (event) => (place(event.latlng), tell()));
    pin.on("dragend", () => tell());

    const bounds = shapes.getBounds();
    const middle = bounds.isValid() ? bounds.getCenter() : map.getCenter();
    return {
      map,
      middle: { lon: middle.lng, lat: middle.lat },
      setFix(fix) {
        ring.setLatLng([fix.lat, fix.lon]).setRadius(fix.accuracy);
        dot.setLatLng([fix.lat, fix.lon]);
        if (!map.hasLayer(dot)) ring.addTo(map) && dot.addTo(map);
      },
      setPin: (point) => (point ? place([point.lat, point.lon]) : map.removeLayer(pin)),
      pin: () => (at() ? { lon: at().lng, lat: at().lat } : null),
      /* The grid, else the village, in which a point lies: own grids first; a market lies in a village. */
      ground(point) {
        const found = ground.features.filter((one) => holds(one.geometry, point)).map((one) => one.properties);
        return found.find((one) => one.grid_id) || found[0] || null;
      },
      /* Metres between the pin and a fix, 0 without either. */
      far: (fix) => (at() && fix ? Math.round(map.distance(at(), [fix.lat, fix.lon])) : 0),
      show(point, zoom) {
        map.invalidateSize();
        map.setView([point.lat, point.lon], zoom, { animate: false });
      },
      forget() {
        [ring, dot, pin].forEach((one) => map.removeLayer(one));
      },
    };
  };
})();
