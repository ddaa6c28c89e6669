/* Getu 格图 · names on a map without WebGL: towns first, then managers or villages, and no two texts touch. */
(function () {
  "use strict";
  const SIZE = { town_names: 14, grid_names: 13, manager_names: 12 };
  const OF = { town_names: "towns", grid_names: "grids", manager_names: "grids" };

  Getu.labels = function (map, view) {
    const pane = map.createPane("getu-names");
    pane.style.zIndex = 640;
    pane.style.pointerEvents = "none";
    const group = L.layerGroup().addTo(map);
    const all = new Map();
    const hidden = new Set();
    let waiting = 0;

    function wanted(part, p, zoom) {
      if (hidden.has(OF[part])) return false;
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
      for (const part of ["town_names", "manager_names", "grid_names"]) {
        for (const p of (all.get(part) || new Map()).values()) {
          if (!wanted(part, p, zoom) || !bounds.contains([p.lat, p.lon])) continue;
          const at = map.latLngToContainerPoint([p.lat, p.lon]);
          const half = (p.name.length * SIZE[part]) / 2 + 4;
          const box = [at.x - half, at.y - SIZE[part] / 2 - 3, at.x + half, at.y + SIZE[part] / 2 + 3];
          if (taken.some((o) => box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1])) continue;
          taken.push(box);
          const html = Getu.el("span." + part, {}, p.name);
          L.marker([p.lat, p.lon], { pane: "getu-names", interactive: false, keyboard: false, icon: L.divIcon({ html, className: "map-name", iconSize: [0, 0] }) }).addTo(group);
        }
      }
    }
    const soon = () => (waiting = waiting || setTimeout(place, 60));
    map.on("zoomend moveend", soon);

    return {
      add(part, p) {
        if (!all.has(part)) all.set(part, new Map());
        all.get(part).set(p.grid_id || p.manager_id || p.code, p);
        soon();
      },
      load(data) {
        for (const part of Object.keys(SIZE)) for (const f of (data[part] || { features: [] }).features) this.add(part, f.properties);
      },
      show: (key, on) => (on ? hidden.delete(key) : hidden.add(key), soon()),
    };
  };
})();
