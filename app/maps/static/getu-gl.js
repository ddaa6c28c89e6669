/* Getu 格图 · paints the layers with MapLibre inside the Leaflet map. Same verbs as getu-plain.js. */
(function () {
  "use strict";

  /* The workers read their own script from our address, and begin while the rest of the page is being read. */
  const worker = document.querySelector("meta[name=gl-worker]");
  if (worker && window.maplibregl) {
    maplibregl.setWorkerUrl(worker.content);
    maplibregl.prewarm();
  }

  Getu.canGl = function () {
    try {
      return Boolean(window.maplibregl && document.createElement("canvas").getContext("webgl2"));
    } catch (error) {
      return false;
    }
  };

  const NOTHING = ["==", ["literal", 1], 0];

  /* `opening` ends when a plain picture is on the screen: WebGL begins behind it. */
  Getu.paintGl = function (map, config, opening) {
    const style = config.style;
    const whole = {};
    const lay = (key, source) => Object.assign(source, { tiles: Getu.cutTiles(key, (whole[key] = source.tiles.map((tile) => location.origin + tile))) });
    for (const [key, source] of Object.entries(style.sources)) lay(key, source);
    const ground = style.layers.find((one) => one["source-layer"] === "grids").source;
    style.layers.push(
      { id: "pick-rim", type: "line", source: ground, "source-layer": "grids", filter: NOTHING, layout: { "line-join": "round" }, paint: { "line-color": "#ffffff", "line-width": 7 } },
      { id: "pick", type: "line", source: ground, "source-layer": "grids", filter: NOTHING, layout: { "line-join": "round" }, paint: { "line-color": "#074853", "line-width": 3 } }
    );
    const hidden = new Set(config.layers.filter((one) => !one.shown && one.listed).map((one) => one.key));
    let tint = config.tint;
    /* a way of colouring stands and falls with the grids' switch */
    const isShown = ({ layer, tint: fits, under }) => (!fits || fits.split(" ").includes(tint)) && !hidden.has(under || layer);
    let gl = null;
    const missing = new Set();
    function begin() {
      for (const one of style.layers) if (one.metadata) one.layout = { ...one.layout, visibility: isShown(one.metadata) ? "visible" : "none" };
      const layer = L.maplibreGL({ style, interactive: false, padding: 0, fadeDuration: 0, localIdeographFontFamily: "", validateStyle: false });
      layer.addTo(map);
      gl = layer.getMaplibreMap();
      document.dispatchEvent(new CustomEvent("getu:gl", { detail: gl }));
      gl.on("styleimagemissing", (event) => {
        if (!gl.hasImage(event.id)) gl.addImage(event.id, Getu.symbols.image(event.id), Getu.symbols.options(event.id));
      });
      /* whoever listens looks after tiles that failed; any other fault is the console's */
      gl.on("error", ({ error, sourceId, tile }) => {
        const status = (error && error.status) || 0;
        if (sourceId === ground && tile && (!status || status >= 500)) missing.add(tile.tileID.key);
        if (!status && !/fetch/i.test(String(error))) return console.error(error);
        gl.triggerRepaint(); // a tile that failed ends no picture by itself: "idle" would never be told
        document.dispatchEvent(new CustomEvent("getu:tile", { detail: { status, source: sourceId } }));
      });
      gl.on("sourcedata", ({ sourceId, tile }) => sourceId === ground && tile && tile.state === "loaded" && missing.delete(tile.tileID.key));
      const loaded = new Promise((done) => gl.once("style.load", done));
      /* while tiles of the ground are missing the plain picture tells more than ours would */
      const whole = new Promise((done) =>
        gl.on("idle", function look() {
          if (missing.size && Getu.keepOpening()) return;
          gl.off("idle", look);
          done();
        })
      );
      return { loaded, whole };
    }
    const begun = opening.then(begin);
    begun.catch(Getu.withoutGl);
    const ready = begun.then(({ loaded }) => loaded);
    const drawn = begun.then(({ whole }) => whole);
    drawn.then(() => {
      document.documentElement.dataset.drawn = "gl";
      Getu.closeOpening();
    });

    /* Software GL pays dearly for each frame: several switches at once are one change, and none is no change. */
    const now = new Map();
    ready.then(() => style.layers.forEach((one) => now.has(one.id) || now.set(one.id, one.layout && one.layout.visibility)));
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

    let chosen = {};
    let base = null;
    const COVERS = ["frame", "units"];
    /* how strong an area is: by the filter, and by whether something is to be seen through it */
    function strengthOf({ type, metadata }) {
      if (type !== "fill" || !metadata) return null;
      if (COVERS.includes(metadata.layer)) return base ? 0 : 1;
      if (metadata.layer !== "grids" && metadata.under !== "grids") return null;
      const full = base ? Getu.VEIL : 1;
      const some = metadata.layer === "grids" && Object.values(chosen).some((value) => value);
      return some ? ["case", wanted(chosen), full, 0.18 * full] : full;
    }
    function veil() {
      for (const one of style.layers) if (strengthOf(one) !== null) gl.setPaintProperty(one.id, "fill-opacity", strengthOf(one));
    }

    const GROUND = new Set(["grids"]);
    const SYMBOLS = ["outlets", "key_clients", "customers", "customer_counts", "liaisons", "findings"];
    function pick(point) {
      if (!gl || (!gl.isStyleLoaded() && !gl.loaded())) return {};
      const shift = gl.getContainer().getBoundingClientRect();
      const frame = map.getContainer().getBoundingClientRect();
      const at = [point.x + frame.left - shift.left, point.y + frame.top - shift.top];
      const ids = style.layers.filter((l) => l.metadata && !l.id.includes("-name-") && (l.type !== "line" || l.metadata.pick) && gl.getLayer(l.id)).map((l) => l.id);
      const hits = gl.queryRenderedFeatures(at, { layers: ids });
      const grid = hits.find((hit) => GROUND.has(hit.sourceLayer));
      const top = hits.find((hit) => SYMBOLS.includes(hit.sourceLayer));
      return { grid: grid && { part: grid.sourceLayer, ...grid.properties }, top: top && { part: top.sourceLayer, id: top.id, ...top.properties } };
    }

    /* Under what a layer lies that is switched on later: colours under the borders, areas under towns, symbols under names. */
    const SLOTS = {
      tint: (one) => one.metadata && one.metadata.over,
      area: (one) => one.id === "frame-edge-0",
      symbol: (one) => one.id.startsWith("towns-name"),
    };
    function add(found) {
      return ready.then(() => {
        for (const [key, source] of Object.entries(found.style.sources)) gl.addSource(key, lay(key, { ...source }));
        const before = style.layers.find(SLOTS[found.slot]);
        for (const one of found.style.layers) {
          if (found.tints.length && one.type === "fill") GROUND.add(one["source-layer"]);
          if (!found.tints.length && found.tips.some((tip) => tip.part === one["source-layer"])) SYMBOLS.push(one["source-layer"]);
          one.layout = { ...one.layout, visibility: isShown(one.metadata) ? "visible" : "none" };
          now.set(one.id, one.layout.visibility);
          style.layers.push(one);
          gl.addLayer(one, before && before.id);
        }
        if (base) veil();
      });
    }

    return {
      get gl() {
        return gl;
      },
      drawn,
      add,
      show: (key, on) => (on ? hidden.delete(key) : hidden.add(key), refresh()),
      tint: (name) => ((tint = name), refresh()),
      select(id) {
        const filter = id ? ["==", ["get", "grid_id"], Number(id)] : NOTHING;
        return ready.then(() => ["pick-rim", "pick"].forEach((name) => gl.setFilter(name, filter)));
      },
      /* What is not wanted turns pale; it stays where it is, so that nothing is lost in silence. */
      filter: (filter) => ((chosen = filter), ready.then(veil)),
      /* A base map lies under all that is ours; what would cover it whole is made pale, or left out. */
      base(one) {
        base = one;
        return ready.then(() => {
          if (gl.getLayer("base")) gl.removeLayer("base");
          if (gl.getSource("base")) gl.removeSource("base");
          const tiles = one && [location.origin + one.address];
          if (one) gl.addSource("base", { type: "raster", tiles, tileSize: one.tile_px, minzoom: one.min_zoom, maxzoom: one.max_zoom, bounds: one.bounds });
          if (one) gl.addLayer({ id: "base", type: "raster", source: "base", paint: { "raster-fade-duration": 0 } }, style.layers.find(({ source }) => source).id);
          veil();
        });
      },
      /* Who is shown of the customers: their tiles are asked for under another address. */
      narrow() {
        return ready.then(() => {
          for (const key of Object.keys(whole)) {
            const source = gl.getSource(key);
            const tiles = Getu.cutTiles(key, whole[key]);
            if (source && String(source.tiles) !== String(tiles)) source.setTiles(tiles);
          }
        });
      },
      on(event, tell) {
        if (event === "hover") return map.on("mousemove", (e) => tell(pick(e.containerPoint), e));
        /* who clicks on the opening map is answered as soon as there is something to ask */
        const answer = (e) => tell(pick(map.latLngToContainerPoint(e.latlng)), e);
        return map.on("click", (e) => (gl && gl.loaded() ? answer(e) : drawn.then(() => answer(e))));
      },
    };
  };
})();
