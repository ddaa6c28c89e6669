/* Getu 格图 · paints the layers without WebGL2: the same tiles through VectorGrid, or shapes that lie in the page. */
(function () {
  "use strict";
  const FAULT = "#a81d17";
  const HATCHED = ["overlap", "duplicate", "sliver"];
  const line = (color, weight, more) => ({ fill: false, stroke: true, color, weight, opacity: 1, ...more });
  const area = (fillColor, more) => ({ fill: true, fillColor, fillOpacity: 1, stroke: false, ...more });
  const dot = (fillColor, radius, more) => ({ fill: true, fillColor, fillOpacity: 1, stroke: true, color: "#fff", weight: 1.5, radius, ...more });
  const nothing = { fill: false, stroke: false, weight: 0, radius: 0, opacity: 0 };

  /* Part -> (properties, view) -> Leaflet path options; null draws nothing. */
  const STYLES = {
    frame: (p, view) => area("#fafaf7", { fillOpacity: view.veil < 1 ? 0 : 1, stroke: true, color: "#22303a", weight: 2, interactive: false }),
    units: (p, view) => area("#f1f3f0", { fillOpacity: view.veil < 1 ? 0 : 1, stroke: true, color: "#fff", weight: 1, interactive: false }),
    grids(p, view) {
      if (view.tint !== "manager" && view.tint !== "branch") return null;
      const fill = view.tint === "manager" ? (p.manager_id ? view.palette[p.colour_no] : "#fff") : view.palette[view.branchColours[p.branch_id]] || "#fff";
      return area(fill, { stroke: true, color: "#fff", weight: 0.8, fillOpacity: view.veil * (view.wants(p) ? 1 : 0.18) });
    },
    managers: (p, view) => (view.tint === "manager" ? line("#7b868c", 1, { interactive: false }) : null),
    towns: () => line("#47545c", 1.6, { interactive: false }),
    outlets: (p) => dot("#0b4350", p.kind === "outlet" ? 4 : 5),
    key_clients: (p) => dot(p.placed ? (p.tier === "strategic" ? "#5b3a8c" : "#7d4700") : "#fff", 5, p.placed ? {} : { color: p.tier === "strategic" ? "#5b3a8c" : "#7d4700" }),
    customer_counts: (p) => dot("#12606f", Math.min(26, 3 + Math.sqrt(p.number) / 6), { fillOpacity: 0.55 }),
    customers: (p) => (p.existing ? dot("#12606f", 2.5, { weight: 0.8 }) : dot("#fff", 2.5, { color: "#40505b", weight: 0.8 })),
    liaisons: () => dot("#1d5a9c", 4),
    findings(p, view) {
      if (p.kind === "nested") return line("#8a5200", 1.6, { dashArray: "2 4" });
      if (!HATCHED.includes(p.kind)) return area("#fff", { stroke: true, color: FAULT, weight: 2.4 });
      return area(view.hatched || FAULT, { fillOpacity: view.hatched ? 1 : 0.35, stroke: true, color: FAULT, weight: 1.6, dashArray: "5 3" });
    },
  };
  const ORDER = ["frame", "units", "grids", "managers", "towns", "findings", "customers", "customer_counts", "liaisons", "outlets", "key_clients"];
  const VEILED = ["frame", "units", "grids"];
  const OF = { managers: "grids", customer_counts: "customers" };
  const SYMBOL = {
    outlets: (p) => (p.kind === "outlet" ? "square-small" : "square"),
    key_clients: (p) => (p.tier === "strategic" ? "star" : "triangle") + (p.placed ? "" : "-hollow"),
    liaisons: () => "person",
  };

  function makeView(config) {
    return {
      tint: config.tint,
      filter: {},
      veil: 1,
      palette: config.palette,
      branchColours: config.branch_colours,
      wants(p) {
        return Object.entries(this.filter).every(([key, value]) => !value || Number(p[key + "_id"]) === Number(value));
      },
    };
  }

  /* Shapes that lie in the page: one Leaflet layer a part, on panes in drawing order. */
  function layShapes(map, config, view, tell) {
    const layers = {};
    ORDER.forEach((part, n) => {
      const data = config.data[part];
      if (!data) return;
      const pane = map.createPane("getu-" + part);
      pane.style.zIndex = 400 + n;
      layers[part] = L.geoJSON(data, {
        pane: "getu-" + part,
        style: (f) => STYLES[part](f.properties, view) || nothing,
        interactive: !["frame", "units", "managers", "towns"].includes(part),
        pointToLayer(f, at) {
          if (!SYMBOL[part]) return L.circleMarker(at, { pane: "getu-" + part, ...STYLES[part](f.properties, view) });
          const iconUrl = Getu.symbols.address(SYMBOL[part](f.properties));
          return L.marker(at, { pane: "getu-" + part, keyboard: false, icon: L.icon({ iconUrl, iconSize: [18, 18] }) });
        },
        onEachFeature: (f, shape) => tell(shape, part, f.properties),
      });
    });
    return layers;
  }

  function hatchDefinition(map) {
    const svg = map.getPane("getu-findings") && map.getPane("getu-findings").querySelector("svg");
    if (!svg || svg.querySelector("#getu-hatch")) return Boolean(svg);
    const space = "http://www.w3.org/2000/svg";
    const pattern = document.createElementNS(space, "pattern");
    for (const [key, value] of Object.entries({ id: "getu-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse" })) pattern.setAttribute(key, value);
    const ground = document.createElementNS(space, "rect");
    for (const [key, value] of Object.entries({ width: 7, height: 7, fill: "#fff", "fill-opacity": 0.55 })) ground.setAttribute(key, value);
    const stroke = document.createElementNS(space, "path");
    for (const [key, value] of Object.entries({ d: "M-1 8L8 -1M-8 8L1 -1M6 8L15 -1", stroke: FAULT, "stroke-width": 1.6 })) stroke.setAttribute(key, value);
    pattern.append(ground, stroke);
    const definitions = document.createElementNS(space, "defs");
    definitions.append(pattern);
    svg.append(definitions);
    return true;
  }

  const addressOf = (key) => Getu.cutTiles(key, ["/tiles/" + key + "/{z}/{x}/{y}.mvt"])[0];

  /* The same tiles, drawn on canvases. VectorGrid 1.3 calls a function that Leaflet 1.9
     has dropped, and asks for tiles of a broken zoom: whole zooms only. */
  function layTiles(map, config, view, tell, names) {
    map.options.zoomSnap = 1;
    map.setZoom(Math.floor(map.getZoom()), { animate: false });
    L.DomEvent.fakeStop = L.DomEvent.fakeStop || L.DomEvent.stop;
    const layers = {};
    for (const key of Object.keys(config.parts)) {
      const part = config.parts[key][0];
      const styles = {};
      for (const one of config.parts[key]) {
        styles[one] = (p, zoom) => {
          if (one.endsWith("_names")) names.add(one, p);
          return (STYLES[one] && STYLES[one](p, view)) || [];
        };
      }
      layers[part] = L.vectorGrid.protobuf(addressOf(key), {
        vectorTileLayerStyles: styles,
        /* of canvases that lie on each other only the topmost hears the mouse: the ground listens, symbols do not */
        interactive: key === "grids",
        maxNativeZoom: key === "customers" || key === "findings" ? 16 : 14,
        minZoom: 5,
        maxZoom: 18,
        zIndex: 100 + ORDER.indexOf(part),
      });
      tell(layers[part], part, null);
    }
    return layers;
  }

  Getu.paintPlain = function (map, config) {
    const view = makeView(config);
    const listeners = { hover: [], click: [] };
    map.createPane("getu-pick").style.zIndex = 430;
    map.getPane("getu-pick").style.pointerEvents = "none";
    const selected = L.layerGroup().addTo(map);
    const names = Getu.labels(map, view);
    const ground = new Set(["grids"]);
    const late = [];
    let base = null;

    function tell(layer, part, own) {
      const speak = (kind, e) => {
        const p = own || (e.layer && e.layer.properties) || {};
        const isGrid = ground.has(part);
        const found = isGrid ? { grid: { part, ...p } } : { top: { part, ...p }, grid: p.grid_id ? { grid_id: p.grid_id } : undefined };
        const at = { latlng: e.latlng, containerPoint: map.latLngToContainerPoint(e.latlng) };
        listeners[kind].forEach((listen) => listen(found, at));
        if (kind === "click") L.DomEvent.stop(e);
      };
      layer.on("click", (e) => speak("click", e));
      layer.on("mouseover", (e) => speak("hover", e));
      layer.on("mouseout", (e) => listeners.hover.forEach((listen) => listen({}, e)));
    }

    const layers = config.data ? layShapes(map, config, view, tell) : layTiles(map, config, view, tell, names);
    const hidden = new Set();
    function isOff(part) {
      if (part === "grids" && !["manager", "branch"].includes(view.tint)) return true;
      return hidden.has(OF[part] || part);
    }
    let waiting = 0;
    let drawnAs = "";
    /* Several switches at once are one redraw; tiles are fetched again only where their colours changed. */
    const refresh = () => (waiting = waiting || setTimeout(redraw, 0));
    function redraw() {
      waiting = 0;
      const as = JSON.stringify([view.tint, view.filter, view.veil]);
      for (const part of ORDER) {
        if (!layers[part]) continue;
        const fresh = !map.hasLayer(layers[part]);
        isOff(part) ? layers[part].remove() : layers[part].addTo(map);
        if (isOff(part)) continue;
        if (config.data) layers[part].setStyle((f) => STYLES[part](f.properties, view) || nothing);
        else if (!fresh && as !== drawnAs && VEILED.includes(part)) layers[part].redraw();
      }
      for (const one of late) one.refresh(as !== drawnAs);
      drawnAs = as;
      if (config.data && hatchDefinition(map) && !view.hatched) {
        view.hatched = "url(#getu-hatch)";
        if (layers.findings) layers.findings.setStyle((f) => STYLES.findings(f.properties, view));
      }
      names.show("towns", !hidden.has("towns"));
      for (const key of ["grids", "findings", "outlets", "key_clients"]) names.show(key, !hidden.has(key));
    }
    if (config.data) names.load(config.data);
    for (const { key, shown } of config.layers) if (!shown) hidden.add(key);
    redraw();
    document.documentElement.dataset.drawn = config.data ? "shapes" : "tiles";

    return {
      add: (found) => (late.push(Getu.plainLate(map, config, { found, view, hidden, tell, ground })), refresh()),
      drawn: Promise.resolve(),
      show: (key, on) => (on ? hidden.delete(key) : hidden.add(key), refresh()),
      tint: (name) => ((view.tint = name), refresh()),
      filter: (filter) => ((view.filter = filter), refresh()),
      base(one) {
        if (base) base.remove();
        view.veil = one ? Getu.VEIL : 1;
        const bounds = one && [[one.bounds[1], one.bounds[0]], [one.bounds[3], one.bounds[2]]];
        base = one && L.tileLayer(one.address, { minNativeZoom: one.min_zoom, maxNativeZoom: one.max_zoom, minZoom: 5, maxZoom: 18, bounds, zIndex: 1 }).addTo(map);
        if (base) base.on("tileerror", ({ tile }) => Getu.baseFailed(tile.src));
        refresh();
      },
      narrow() {
        for (const key of config.data ? [] : Object.keys(config.parts)) {
          const layer = layers[config.parts[key][0]];
          if (layer._url !== addressOf(key)) layer.setUrl(addressOf(key));
        }
        for (const one of late) one.narrow();
      },
      on: (kind, listen) => listeners[kind].push(listen),
      select(id) {
        selected.clearLayers();
        if (!id || !config.data) return;
        const features = config.data.grids.features.filter((f) => f.properties.grid_id === Number(id));
        L.geoJSON(features, { pane: "getu-pick", interactive: false, style: line("#fff", 7) }).addTo(selected);
        L.geoJSON(features, { pane: "getu-pick", interactive: false, style: line("#074853", 3) }).addTo(selected);
      },
    };
  };
})();
