/* Getu 格图 · names on a map without WebGL: faults first, then towns, then managers or villages; symbols are
   given room, and no two texts touch. */
(function () {
  "use strict";
  const SIZE = { finding_labels: 12, town_names: 14, grid_names: 13, manager_names: 12 };
  const OF = { finding_labels: "findings", town_names: "towns", grid_names: "grids", manager_names: "grids" };
  const ORDER = ["finding_labels", "town_names", "manager_names", "grid_names"];
  const RISE = { finding_labels: 30 };

  Getu.labels = function (map, view) {
    const pane = map.createPane("getu-names");
    pane.style.zIndex = 640;
    pane.style.pointerEvents = "none";
    const group = L.layerGroup().addTo(map);
    const all = new Map();
    const hidden = new Set();
    const barred = new Map();
    let waiting = 0;

    function wanted(part, p, zoom) {
      if (hidden.has(OF[part])) return false;
      if (part === "finding_labels") return true;
      if (part === "town_names") return zoom < 12;
      if (part === "manager_names" && (zoom >= 11.5 || view.tint !== "manager")) return false;
      if (part === "grid_names" && zoom < 11.5) return false;
      return p.fits <= zoom;
    }

    function place() {
      waiting = 0;
      group.clearLayers();
      const zoom = map.getZoom() - 1;
      const taken = [];
      const bounds = map.getBounds();
      const claim = (box) => {
        if (taken.some((o) => box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1])) return false;
        return taken.push(box);
      };
      /* a symbol stands whether or not another is near: it only bars names */
      for (const [key, spots] of barred) {
        if (hidden.has(key)) continue;
        for (const spot of spots) {
          const at = map.latLngToContainerPoint(spot);
          taken.push([at.x - 9, at.y - 9, at.x + 9, at.y + 9]);
        }
      }
      for (const part of ORDER) {
        for (const p of (all.get(part) || new Map()).values()) {
          if (!wanted(part, p, zoom) || !bounds.contains([p.lat, p.lon])) continue;
          const at = map.latLngToContainerPoint([p.lat, p.lon]);
          const rise = RISE[part] || 0;
          const half = (Getu.width(p.name) * SIZE[part]) / 2 + 5;
          const box = [at.x - half, at.y - rise - SIZE[part] / 2 - 3, at.x + half, at.y - rise + SIZE[part] / 2 + 3];
          /* a fault's label comes first: not even a symbol bars it */
          if (part === "finding_labels" ? !taken.push(box) : !claim(box)) continue;
          const html = Getu.el("span." + part, {}, p.name);
          L.marker([p.lat, p.lon], { pane: "getu-names", interactive: false, keyboard: false, icon: L.divIcon({ html, className: "map-name", iconSize: [0, 0], iconAnchor: [0, rise] }) }).addTo(group);
        }
      }
    }
    const soon = () => (waiting = waiting || setTimeout(place, 60));
    map.on("zoomend moveend", soon);

    return {
      add(part, p) {
        if (!all.has(part)) all.set(part, new Map());
        all.get(part).set(p.grid_id || p.manager_id || p.code || p.id, p);
        soon();
      },
      load(data) {
        for (const part of Object.keys(SIZE)) for (const f of (data[part] || { features: [] }).features) this.add(part, f.properties);
        for (const key of ["outlets", "key_clients"]) {
          const points = (data[key] || { features: [] }).features.map((f) => [f.geometry.coordinates[1], f.geometry.coordinates[0]]);
          barred.set(key, points);
        }
      },
      show: (key, on) => (on ? hidden.delete(key) : hidden.add(key), soon()),
    };
  };
})();
