/* Getu 格图 · paints the layers with MapLibre inside the Leaflet map. Same verbs as getu-plain.js. */
(function () {
  "use strict";

  Getu.canGl = function () {
    try {
      return Boolean(window.maplibregl && document.createElement("canvas").getContext("webgl2"));
    } catch (error) {
      return false;
    }
  };

  const NOTHING = ["==", ["literal", 1], 0];

  Getu.paintGl = function (map, config) {
    const style = config.style;
    for (const source of Object.values(style.sources)) source.tiles = source.tiles.map((tile) => location.origin + tile);
    const ground = style.layers.find((one) => one["source-layer"] === "grids").source;
    style.layers.push(
      { id: "pick-rim", type: "line", source: ground, "source-layer": "grids", filter: NOTHING, layout: { "line-join": "round" }, paint: { "line-color": "#ffffff", "line-width": 7 } },
      { id: "pick", type: "line", source: ground, "source-layer": "grids", filter: NOTHING, layout: { "line-join": "round" }, paint: { "line-color": "#074853", "line-width": 3 } }
    );
    const hidden = new Set(config.layers.filter((one) => !one.shown && one.listed).map((one) => one.key));
    let tint = config.tint;
    /* the ground of a rate is the coverage layer: it stands and falls with the grids' switch */
    const isShown = ({ layer, tint: fits }) => (!fits || fits.split(" ").includes(tint)) && !hidden.has(layer === "coverage" ? "grids" : layer);
    for (const one of style.layers) if (one.metadata) one.layout = { ...one.layout, visibility: isShown(one.metadata) ? "visible" : "none" };
    const layer = L.maplibreGL({ style, interactive: false, padding: 0, fadeDuration: 0, localIdeographFontFamily: "", validateStyle: false });
    layer.addTo(map);
    const gl = layer.getMaplibreMap();
    gl.on("styleimagemissing", (event) => {
      if (!gl.hasImage(event.id)) gl.addImage(event.id, Getu.symbols.image(event.id), Getu.symbols.options(event.id));
    });
    const ready = new Promise((done) => gl.once("style.load", done));
    const drawn = new Promise((done) => gl.once("idle", done));
    drawn.then(() => (document.documentElement.dataset.drawn = "gl"));

    /* Software GL pays dearly for each frame: several switches at once are one change, and none is no change. */
    const now = new Map(style.layers.map((one) => [one.id, one.layout && one.layout.visibility]));
    let waiting = null;
    const refresh = () => (waiting = waiting || Promise.all([ready, Promise.resolve()]).then(apply));
    function apply() {
      waiting = null;
      for (const { id, metadata } of style.layers) {
        const wish = metadata && (isShown(metadata) ? "visible" : "none");
        if (!metadata || now.get(id) === wish) continue;
        now.set(id, wish);
        gl.setLayoutProperty(id, "visibility", wish);
      }
    }

    function wanted(filter) {
      const tests = Object.entries(filter).filter(([, value]) => value);
      return ["all", ...tests.map(([key, value]) => ["==", ["get", key + "_id"], Number(value)])];
    }

    const SYMBOLS = ["outlets", "key_clients", "customer_counts", "liaisons", "findings"];
    function pick(point) {
      if (!gl.isStyleLoaded() && !gl.loaded()) return {};
      const shift = gl.getContainer().getBoundingClientRect();
      const frame = map.getContainer().getBoundingClientRect();
      const at = [point.x + frame.left - shift.left, point.y + frame.top - shift.top];
      const ids = style.layers.filter((l) => l.metadata && !l.id.includes("-name-") && l.type !== "line" && gl.getLayer(l.id)).map((l) => l.id);
      const hits = gl.queryRenderedFeatures(at, { layers: ids });
      const grid = hits.find((hit) => hit.sourceLayer === "grids" || hit.sourceLayer === "coverage");
      const top = hits.find((hit) => SYMBOLS.includes(hit.sourceLayer));
      return { grid: grid && grid.properties, top: top && { part: top.sourceLayer, ...top.properties } };
    }

    return {
      gl,
      drawn,
      show: (key, on) => (on ? hidden.delete(key) : hidden.add(key), refresh()),
      tint: (name) => ((tint = name), refresh()),
      select(id) {
        const filter = id ? ["==", ["get", "grid_id"], Number(id)] : NOTHING;
        return ready.then(() => ["pick-rim", "pick"].forEach((name) => gl.setFilter(name, filter)));
      },
      /* What is not wanted turns pale; it stays where it is, so that nothing is lost in silence. */
      filter(filter) {
        return ready.then(() => {
          const all = Object.values(filter).every((value) => !value);
          const shade = all ? 1 : ["case", wanted(filter), 1, 0.18];
          for (const { id, type, metadata } of style.layers)
            if (type === "fill" && metadata && metadata.layer === "grids") gl.setPaintProperty(id, "fill-opacity", shade);
        });
      },
      on(event, tell) {
        map.on(event === "hover" ? "mousemove" : "click", (e) => tell(pick(e.containerPoint), e));
      },
    };
  };
})();
