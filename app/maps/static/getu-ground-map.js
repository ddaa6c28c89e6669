/* Getu 格图 · the map of the ground desk: all grids pale, those in question coloured, findings hatched. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const PALE = { color: "#fff", weight: 1.2, fillColor: "#eceeea", fillOpacity: 1, pmIgnore: true };
  const OWN = { ...PALE, fillColor: "#dcebed" };
  const AWAY = { ...PALE, fillColor: "#f4f5f3", color: "#dfe4e0" };
  const IN_QUESTION = [
    { color: "#1d5a9c", fillColor: "#cfe0f3" },
    { color: "#8a5200", fillColor: "#f6e5c4" },
    { color: "#5b3a8c", fillColor: "#e5daf3" },
    { color: "#1a6b48", fillColor: "#d5ecdd" },
  ];
  const FAULT = { color: "#a81d17", weight: 1.6, dashArray: "5 3", fillColor: "url(#g-hatch)", fillOpacity: 1, pmIgnore: true };
  const GAP = { ...FAULT, dashArray: null, weight: 2.4, fillColor: "url(#g-hatch-gap)" };
  const NOTE = { color: "#8a5200", weight: 2, dashArray: "3 3", fill: false, pmIgnore: true };
  const DETAIL_ZOOM = 12.5;
  let map = null;
  let names = null;
  const layers = {};
  const drawn = new Map();
  const faults = new Map();
  let inQuestion = [];
  let open = null;
  let clicked = null;
  let asked = 0;
  let around = [];

  function pane(name, z, off) {
    map.createPane(name).style.zIndex = z;
    if (off) map.getPane(name).style.pointerEvents = "none";
  }
  function start() {
    map = L.map("map", { zoomControl: false, attributionControl: false, keyboard: false, zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 90, minZoom: 7, maxZoom: 20, zoomAnimation: false, fadeAnimation: false, doubleClickZoom: false });
    Getu.groundLeaflet = map;
    pane("ground", 200);
    pane("picked", 410, true);
    pane("faults", 420, true);
    pane("points", 430, true);
    pane("marks", 440);
    pane("preview", 450, true);
    pane("units", 405);
    pane("names", 590, true);
    layers.renderer = L.canvas({ pane: "ground", padding: 0.3, tolerance: 2 });
    layers.dots = L.canvas({ pane: "points", padding: 0.3 });
    for (const key of ["frame", "ground", "picked", "faults", "points", "marks", "preview", "units", "names"]) layers[key] = L.layerGroup().addTo(map);
    layers.svg = L.svg({ pane: "faults", padding: 0.3 });
    map.setView([31.9, 121.2], 11);
    map.on("moveend zoomend resize", () => (refresh(), fetchFine(), fetchFaults()));
    map.on("click", onClick);
    map.on("mousemove", onMove);
    map.on("mouseout", () => (Getu.find("#tip").hidden = true));
    const tool = (name, sign, act) => el("button", { type: "button", id: "map-" + name, "aria-label": say("g_map_" + name), title: say("g_map_" + name), onclick: act }, icon(sign));
    Getu.find("#map-tools").replaceChildren(tool("in", "plus", () => map.zoomIn(1)), tool("out", "minus", () => map.zoomOut(1)), tool("fit", "locate", () => Getu.ground.fit()), tool("measure", "ruler", () => Getu.measure.toggle()));
  }

  /* Ground */
  const styleOf = (grid) => {
    const at = inQuestion.indexOf(grid.id);
    if (at >= 0) return { ...PALE, ...IN_QUESTION[at % 4], weight: 2 };
    return Getu.config.whole ? PALE : OWN;
  };
  function drawGrid(grid) {
    const shape = Getu.shapes.toLatLngs(grid.geometry);
    const before = drawn.get(grid.id);
    if (before) return before.setLatLngs(shape).setStyle(styleOf(grid)), before;
    const layer = L.polygon(shape, { ...styleOf(grid), renderer: layers.renderer, interactive: false, smoothFactor: 0.5 }).addTo(layers.ground);
    drawn.set(grid.id, layer);
    return layer;
  }
  function drawPicked() {
    layers.picked.clearLayers();
    for (const id of inQuestion) {
      const grid = Getu.grids.find(id);
      if (grid) L.polygon(Getu.shapes.toLatLngs(grid.geometry), { pane: "picked", color: styleOf(grid).color, weight: 2, fill: false, interactive: false, pmIgnore: true, smoothFactor: 0.5 }).addTo(layers.picked);
    }
  }
  async function fetchFine() {
    if (!Getu.grids.size() || map.getZoom() < DETAIL_ZOOM) return;
    const mine = ++asked;
    await new Promise((done) => setTimeout(done, 120));
    if (mine !== asked) return;
    const box = map.getBounds().pad(0.15);
    const sides = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    if (Getu.grids.meeting(sides).every((grid) => grid.fine)) return;
    await Getu.ground.loadFine(sides).catch((error) => Getu.toastAct(error.message));
  }

  /* Findings: marks from afar, hatched shapes near by. */
  function drawMarks(rows) {
    layers.marks.clearLayers();
    rows.forEach((row, at) => {
      if (!row.bbox || row.bbox[0] === null || (row.group === "notice" && ![row.kind, "notices"].includes(Getu.desk.kind))) return;
      const grave = row.severity === "must_fix" && row.state === "open";
      const mark = L.circleMarker([(row.bbox[1] + row.bbox[3]) / 2, (row.bbox[0] + row.bbox[2]) / 2], { pane: "marks", radius: grave ? 6 : 4, color: "#fff", weight: 1.5, fillColor: grave ? "#a81d17" : row.group === "notice" ? "#7d8c96" : "#8a5200", fillOpacity: 0.95, pmIgnore: true });
      mark.row = row;
      mark.on("click", (event) => (L.DomEvent.stopPropagation(event), Getu.desk.mode === "edit" ? onClick(event) : Getu.desk.openId(row.id, { show: true })));
      mark.bindTooltip(Getu.titleOf(row), { direction: "top", pane: "names" });
      layers.marks.addLayer(mark);
    });
    showMarks();
  }
  /* A mark stands for a shape that is too small to be seen. */
  function showMarks() {
    const clean = Getu.desk && Getu.desk.mode === "edit";
    layers.marks.eachLayer((mark) => {
      const [w, s, e, n] = mark.row.bbox;
      const size = map.latLngToContainerPoint([s, e]).distanceTo(map.latLngToContainerPoint([n, w]));
      const seen = size > 36 && faults.has(mark.row.id);
      const path = mark.getElement();
      if (path) path.style.display = seen || clean || (open && open.id === mark.row.id) ? "none" : "";
    });
  }
  function drawFault(row) {
    if (!row.geometry || !Getu.partsOf(row.geometry).length) return null;
    const style = row.group === "notice" ? NOTE : row.kind === "gap" ? GAP : FAULT;
    const layer = L.polygon(Getu.shapes.toLatLngs(row.geometry), { ...style, pane: "faults", renderer: layers.svg, interactive: false, smoothFactor: 0.3 });
    return layer.addTo(layers.faults);
  }
  function keepFault(row) {
    if (faults.has(row.id)) faults.get(row.id).remove();
    const layer = drawFault(row);
    if (layer) faults.set(row.id, layer);
  }
  async function fetchFaults() {
    if (!Getu.desk || map.getZoom() < DETAIL_ZOOM) return showMarks();
    const box = map.getBounds();
    const near = Getu.desk.rows0.filter((row) => row.group !== "notice" && row.bbox && !faults.has(row.id) && box.intersects([[row.bbox[1], row.bbox[0]], [row.bbox[3], row.bbox[2]]]));
    await Promise.all(near.slice(0, 16).map((row) => Getu.desk.fetchFinding(row.id).then((one) => Getu.desk.rows0.some((known) => known.id === one.id) && keepFault(one)).catch(() => null)));
    showMarks();
  }

  /* Names: the grids in question with who holds them, the others where there is room. */
  function drawNames() {
    layers.names.clearLayers();
    const size = map.getSize();
    const barred = [{ x: 0, y: 0, w: 64, h: 190 }, { x: 64, y: 0, w: 400, h: 60 }, { x: 0, y: size.y - 56, w: 260, h: 56 }];
    if (open && open.bbox) drawCallout(barred, size);
    for (const id of inQuestion) {
      const grid = Getu.grids.find(id);
      if (!grid) continue;
      const at = map.latLngToContainerPoint([grid.at[1], grid.at[0]]);
      if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) continue;
      const who = [grid.manager || say("g_nobody"), grid.customers === null || grid.customers === undefined ? null : say("g_customers_count", { n: number(grid.customers) })].filter(Boolean).join("·");
      const width = Math.max(Getu.width(grid.name) * 15, Getu.width(who) * 12) + 8;
      const box = { x: at.x - width / 2, y: at.y - 18, w: width, h: 38 };
      if (barred.some((one) => one.x < box.x + box.w && box.x < one.x + one.w && one.y < box.y + box.h && box.y < one.y + one.h)) continue;
      barred.push(box);
      L.marker([grid.at[1], grid.at[0]], { pane: "names", interactive: false, keyboard: false, pmIgnore: true, icon: L.divIcon({ className: "ground-name", html: el("span.two", {}, el("b", {}, grid.name + (grid.locked ? "·" + say("g_locked") : "")), el("small", {}, who)), iconSize: [0, 0] }) }).addTo(layers.names);
    }
    const others = [];
    for (const grid of Getu.grids.all()) {
      if (inQuestion.includes(grid.id)) continue;
      const [w, s, e, n] = grid.bbox;
      others.push({ text: grid.name + (grid.locked ? "·" + say("g_locked") : ""), lat: grid.at[1], lng: grid.at[0], bounds: L.latLngBounds([[s, w], [n, e]]) });
    }
    const box = map.getBounds();
    names = names || L.layerGroup().addTo(map);
    Getu.placeNames(map, names, map.getZoom() < 10.5 ? [] : others.filter((one) => box.contains([one.lat, one.lng])), barred);
  }
  /* The boxed label of the open finding, with its leader. */
  function drawCallout(barred, size) {
    const [w, s, e] = open.bbox;
    const foot = map.latLngToContainerPoint([s, (w + e) / 2]);
    const words = [Getu.areaOf(open.area_m2), open.width_m ? say("g_width", { w: Getu.widthOf(open.width_m) }) : null, say("g_customers_n", { n: number(open.customers) })].filter(Boolean).join("·");
    const width = Getu.width(words) * 12.5 + 20;
    const down = foot.y + 58 < size.y - 60 ? 34 : -0;
    const label = el("span.callout" + (open.severity === "must_fix" ? "" : ".soft"), {}, open.group === "notice" ? say("finding_" + open.kind) : words);
    L.marker(map.containerPointToLatLng([foot.x, foot.y + down]), { pane: "names", interactive: false, keyboard: false, pmIgnore: true, icon: L.divIcon({ className: "ground-name", html: label, iconSize: [0, 0] }) }).addTo(layers.names);
    barred.push({ x: foot.x - width / 2, y: foot.y + down - 13, w: width, h: 28 });
  }
  function refresh() {
    Getu.placeScale(map, Getu.find("#scale"));
    drawNames();
    showMarks();
  }

  function onClick(event) {
    if (clicked) clicked(event.latlng, event.originalEvent || {});
    else if (Getu.desk && Getu.desk.mode !== "edit") Getu.desk.openAt(event.latlng);
  }
  function onMove(event) {
    const tip = Getu.find("#tip");
    const [grid] = map.getZoom() > 10 && !Getu.measure.on() ? Getu.grids.at(event.latlng.lng, event.latlng.lat) : [];
    const away = grid ? null : around.find((unit) => Getu.covers(unit.geometry, event.latlng.lng, event.latlng.lat));
    tip.hidden = !(grid || away) || Getu.pen.active() || Getu.pen.busy();
    if (tip.hidden) return;
    const at = map.latLngToContainerPoint(event.latlng);
    tip.style.left = at.x + "px";
    tip.style.top = at.y + "px";
    if (away) return (tip.textContent = away.name + "·" + say("g_other_branch"));
    const why = Getu.desk.mode === "edit" ? Getu.mayEdit(grid) : true;
    tip.textContent = [grid.name, grid.code, grid.manager, grid.locked ? say("g_locked") : null, why === true ? null : why].filter(Boolean).join("·");
  }
  function toBounds(box) {
    return L.latLngBounds([[box[1], box[0]], [box[3], box[2]]]);
  }

  Getu.ground = {
    start,
    layers,
    leaflet: () => map,
    show(sketch) {
      Getu.grids.clear();
      for (const layer of drawn.values()) layer.remove();
      drawn.clear();
      for (const grid of sketch.grids) drawGrid(Getu.shapes.keep(grid, false));
      layers.frame.clearLayers();
      around = sketch.around || [];
      for (const unit of around) L.polygon(Getu.shapes.toLatLngs(unit.geometry), { ...AWAY, renderer: layers.renderer, interactive: false, smoothFactor: 0.5 }).addTo(layers.frame);
      for (const layer of drawn.values()) layer.bringToFront();
      if (sketch.frame) L.polygon(Getu.shapes.toLatLngs(sketch.frame), { pane: "ground", renderer: layers.renderer, interactive: false, color: "#22303a", weight: 2, fill: false, pmIgnore: true }).addTo(layers.frame);
      const own = Getu.config.whole ? null : sketch.grids.map((grid) => grid.bbox);
      this.bounds = sketch.bbox && sketch.bbox[0] !== null ? toBounds(sketch.bbox) : null;
      if (own && own.length) this.bounds = own.reduce((all, box) => all.extend(toBounds(box)), toBounds(own[0])).pad(0.05);
      refresh();
    },
    async loadFine(sides) {
      const found = await Getu.ask(Getu.desk.base + "/grids?bbox=" + sides.map((side) => side.toFixed(7)).join(","));
      for (const feature of found.features) drawGrid(Getu.shapes.keep(Getu.shapes.fromFeature(feature), true));
      drawPicked();
      drawNames();
    },
    /* Grids as an edit left them, and those it took away. */
    take(features, removed) {
      for (const id of removed || []) {
        if (drawn.has(Number(id))) drawn.get(Number(id)).remove();
        drawn.delete(Number(id));
        Getu.grids.forget(id);
      }
      for (const feature of features || []) drawGrid(Getu.shapes.keep(Getu.shapes.fromFeature(feature), true));
      drawPicked();
      drawNames();
    },
    fit() {
      if (open && open.bbox && open.bbox[0] !== null) return this.zoomTo(open);
      if (this.bounds) map.fitBounds(this.bounds, { padding: [24, 24], animate: false });
    },
    zoomTo(row) {
      const box = toBounds(row.bbox);
      if (!box.isValid()) return;
      const wide = Math.max(box.getNorth() - box.getSouth(), box.getEast() - box.getWest(), 0.0008);
      map.fitBounds(box.pad(0.02 + (wide < 0.01 ? 0.9 : 0.5)), { padding: [40, 60], maxZoom: 16.5, animate: false });
    },
    zoomToBox: (box) => map.fitBounds(toBounds(box), { padding: [60, 60], maxZoom: 16.5, animate: false }),
    colour(ids) {
      inQuestion = ids.map(Number);
      for (const [id, layer] of drawn) layer.setStyle(styleOf(Getu.grids.find(id)));
      drawPicked();
      drawNames();
      Getu.drawLegend(inQuestion.slice(0, 4).map((id, at) => [Getu.grids.find(id), IN_QUESTION[at % 4]]).filter(([grid]) => grid), open);
    },
    /* One finding: zoomed to, hatched, its grids coloured, its customers as points. */
    openFinding(one, how) {
      open = one;
      layers.points.clearLayers();
      if (!one) return this.colour([]), refresh();
      keepFault(one);
      if (one.bbox && one.bbox[0] !== null && !(how && how.stay)) this.zoomTo(one);
      this.colour(one.grid_ids || []);
      refresh();
    },
    drawPoints(points) {
      layers.points.clearLayers();
      for (const one of points) if (!one.inside) L.circleMarker([one.lat, one.lon], { pane: "points", renderer: layers.dots, radius: 2.5, color: "#fff", weight: 1, fillColor: "#40606b", fillOpacity: 1, interactive: false, pmIgnore: true }).addTo(layers.points);
      for (const one of points) if (one.inside) L.circleMarker([one.lat, one.lon], { pane: "points", renderer: layers.dots, radius: 4.5, color: "#fff", weight: 1.5, fillColor: "#a81d17", fillOpacity: 1, interactive: false, pmIgnore: true }).addTo(layers.points);
    },
    drawMarks,
    forgetFaults(keep) {
      for (const [id, layer] of faults) if (!keep || !keep.has(id)) layer.remove(), faults.delete(id);
    },
    fetchFaults,
    /* What a proposal would make of the ground: new outlines dashed, new faults hatched. */
    preview(changes, fresh, removed) {
      layers.preview.clearLayers();
      for (const change of changes || []) if (change.geometry) L.polygon(Getu.shapes.toLatLngs(change.geometry), { pane: "preview", color: "#074853", weight: 2.5, dashArray: "7 5", fillColor: "#0b5c6b", fillOpacity: 0.1, interactive: false, pmIgnore: true, smoothFactor: 0.3 }).addTo(layers.preview);
      for (const id of removed || []) if (Getu.grids.find(id)) L.polygon(Getu.shapes.toLatLngs(Getu.grids.find(id).geometry), { pane: "preview", color: "#40505b", weight: 2, dashArray: "2 6", fillColor: "#40505b", fillOpacity: 0.18, interactive: false, pmIgnore: true }).addTo(layers.preview);
      for (const fault of fresh || []) if (!fault.geometry && fault.bbox && Getu.groupOf(fault) === "ground") L.rectangle(toBounds(fault.bbox), { ...FAULT, pane: "preview", interactive: false }).addTo(layers.preview);
      for (const fault of fresh || []) if (fault.geometry) L.polygon(Getu.shapes.toLatLngs(fault.geometry), { ...(fault.kind === "gap" ? GAP : FAULT), pane: "preview", interactive: false }).addTo(layers.preview);
    },
    onClick: (hear) => (clicked = hear),
    refresh,
    layerOf: (id) => drawn.get(Number(id)),
  };
})();
