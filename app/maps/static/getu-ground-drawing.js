/* Getu 格图 · the pen: geoman draws and moves corners, snapped to the grids in sight; a lasso is drawn by hand. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { say } = Getu;
  const PEN = { color: "#074853", weight: 2.5, fillColor: "#0b5c6b", fillOpacity: 0.14 };
  const HINT = { color: "#0b5c6b", weight: 2, dashArray: "5 5" };
  let layer = null;
  let hear = null;
  let changed = null;
  let started = false;
  let snapping = [];

  const map = () => Getu.ground.leaflet();
  /* Geoman speaks the page's language: its own words are ours. */
  function teach() {
    if (started) return;
    started = true;
    const words = (keys) => Object.fromEntries(keys.map((key) => [key, say("gm_" + key)]));
    const tooltips = words(["placeMarker", "firstVertex", "continueLine", "finishLine", "finishPoly", "finishRect", "startCircle", "finishCircle", "placeCircleMarker", "placeText", "placeMarkerTouch"]);
    const actions = words(["finish", "cancel", "removeLastVertex"]);
    map().pm.setLang("getu", { tooltips, actions, buttonTitles: {} }, Getu.config.lang === "zh" ? "zh" : "en");
    map().pm.setGlobalOptions({ snappable: true, snapDistance: 14, allowSelfIntersection: false, continueDrawing: false, tooltips: false, limitMarkersToCount: 60, finishOnEnter: false, exitModeOnEscape: false });
    map().on("pm:create", (event) => {
      const done = hear;
      hear = null;
      layer = event.layer;
      layer.options.pmIgnore = false;
      Getu.desk.drawing = false;
      if (done) done(layer);
    });
  }
  /* Only what is in sight is snapped to: 3,000 grids are not searched at each move. */
  function openSnapping(except) {
    const box = map().getBounds().pad(0.1);
    for (const grid of Getu.grids.meeting([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()])) {
      const drawn = Getu.ground.layerOf(grid.id);
      if (!drawn || (except || []).includes(grid.id)) continue;
      drawn.options.snapIgnore = false;
      snapping.push(drawn);
    }
  }
  function shutSnapping() {
    for (const drawn of snapping) delete drawn.options.snapIgnore;
    snapping = [];
  }
  function clear() {
    stopLasso();
    if (started && map().pm.globalDrawModeEnabled()) map().pm.disableDraw();
    hear = null;
    changed = null;
    Getu.desk.drawing = false;
    shutSnapping();
    if (layer) {
      if (layer.pm) layer.pm.disable();
      layer.remove();
    }
    layer = null;
  }
  /* Corners of what was drawn can still be moved; each move is told. */
  function adjust(one, more) {
    layer = one;
    one.pm.enable({ snappable: true, snapDistance: 14, allowSelfIntersection: false, limitMarkersToCount: 60, draggable: false, ...more });
    one.on("pm:edit pm:markerdragend pm:vertexadded pm:vertexremoved pm:snap", (event) => event.type !== "pm:snap" && changed && changed(toGeometry(one)));
  }
  const toGeometry = (one) => one.toGeoJSON(8).geometry;

  function draw(shape, tell) {
    teach();
    clear();
    openSnapping();
    Getu.desk.drawing = true;
    changed = tell;
    hear = (made) => {
      made.setStyle(PEN);
      adjust(made);
      tell(toGeometry(made));
    };
    map().pm.enableDraw(shape, { snappable: true, snapDistance: 14, tooltips: false, pathOptions: PEN, templineStyle: { ...PEN, fill: false }, hintlineStyle: HINT, finishOn: shape === "Line" ? "dblclick" : null, cursorMarker: true, allowSelfIntersection: false });
  }
  function edit(latlngs, kind, tell, more) {
    teach();
    clear();
    openSnapping((more || {}).except);
    changed = tell;
    const made = kind === "line" ? L.polyline(latlngs, { ...PEN, weight: 4, pmIgnore: false }) : L.polygon(latlngs, { ...PEN, pmIgnore: false });
    made.addTo(map());
    adjust(made, (more || {}).options);
  }

  /* The lasso: pressed, drawn, let go. */
  let lasso = null;
  function stopLasso() {
    if (!lasso) return;
    lasso.line.remove();
    map().off("mousedown", lasso.down).off("mousemove", lasso.move).off("mouseup", lasso.up);
    map().dragging.enable();
    lasso = null;
    Getu.find("#map").classList.remove("lasso");
  }
  function throwLasso(done) {
    stopLasso();
    const points = [];
    const line = L.polyline([], { color: "#0b5c6b", weight: 2, dashArray: "4 4", interactive: false, pmIgnore: true, smoothFactor: 1 }).addTo(map());
    let drawing = false;
    lasso = {
      line,
      down: (event) => ((drawing = true), points.push(event.latlng)),
      move: (event) => drawing && (points.push(event.latlng), line.setLatLngs(points)),
      up: () => {
        stopLasso();
        if (points.length > 3) done(points.map((point) => [point.lng, point.lat]));
      },
    };
    map().dragging.disable();
    map().on("mousedown", lasso.down).on("mousemove", lasso.move).on("mouseup", lasso.up);
    Getu.find("#map").classList.add("lasso");
  }

  Getu.pen = {
    draw,
    edit,
    clear,
    throwLasso,
    busy: () => Getu.desk.drawing || Boolean(lasso),
    active: () => Boolean(layer),
    /* Has a corner been set? Before that there is nothing of the drawing to take back. */
    begun: () => Getu.desk.drawing && ["Polygon", "Line"].some((shape) => map().pm.Draw[shape].enabled() && map().pm.Draw[shape]._layer.getLatLngs().length > 0),
    layer: () => layer,
    /* Keep the drawing on the map though its tool is left: a conflict must not lose it. */
    stepBack() {
      for (const shape of ["Polygon", "Line"]) if (map().pm.Draw[shape].enabled()) map().pm.Draw[shape]._removeLastVertex();
    },
    finish() {
      for (const shape of ["Polygon", "Line"]) if (map().pm.Draw[shape].enabled()) map().pm.Draw[shape]._finishShape();
    },
    put(geometry) {
      teach();
      clear();
      layer = (geometry.type === "LineString" ? L.polyline(geometry.coordinates.map(([x, y]) => [y, x]), PEN) : L.polygon(Getu.shapes.toLatLngs(geometry), PEN)).addTo(map());
    },
  };
})();
