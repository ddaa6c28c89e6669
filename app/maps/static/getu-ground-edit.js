/* Getu 格图 · editing: a tool, the grids it is for, what is drawn, the bill before it lands, and landing. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const config = Getu.config;
  const fresh = (tool, picked) => ({ tool: tool || "select", picked: picked || [], geometry: null, units: new Set(), form: {}, preview: null, problem: null, versions: {}, allowFaults: false, conflict: null });
  let ed = fresh();
  let asked = 0;
  let timer = 0;
  let units = new Map();

  /* Preview: nothing lands; the bill, the findings and the new outlines are shown. */
  async function preview() {
    const body = Getu.bodyOf(ed);
    const mine = ++asked;
    if (!body) {
      ed.preview = null;
      Getu.ground.preview([], []);
      return draw();
    }
    ed.trying = true;
    draw();
    try {
      const told = await Getu.send(Getu.desk.base + "/edits?dry_run=true", body);
      if (mine !== asked) return;
      take(told);
    } catch (error) {
      if (mine !== asked) return;
      refuse(error);
    }
    ed.trying = false;
    draw(true);
  }
  function take(told) {
    const idOf = (feature) => Number(feature.properties.id);
    const ids = (told.grids || []).map(idOf);
    /* A neighbour that only gets a corner on its border keeps its area: it is no part of what is shown. */
    const moved = (feature) => {
      const before = Getu.grids.find(idOf(feature));
      return !before || ed.picked.includes(idOf(feature)) || Math.abs(before.area_m2 - feature.properties.area_m2) > 0.5;
    };
    ed.preview = { ...told, grids: (told.grids || []).filter(moved), touched: [...ids, ...(told.removed || [])].filter((id) => Getu.grids.find(id)) };
    ed.preview.parts = ed.preview.grids.filter((feature) => ed.picked.includes(idOf(feature)) || !Getu.grids.find(idOf(feature)));
    ed.problem = null;
    Getu.ground.preview(ed.preview.grids, (told.findings || {}).new, told.removed);
  }
  function refuse(error) {
    const body = error.body || {};
    if (body.code === "changed_meanwhile") return (ed.conflict = error);
    ed.problem = { words: error.message, code: body.code, fresh: body.new || body.findings || [] };
    const shapes = ed.problem.fresh.filter ? ed.problem.fresh.filter((one) => one.geometry) : [];
    Getu.ground.preview(ed.preview ? ed.preview.grids : [], shapes);
  }
  const soon = () => (clearTimeout(timer), (timer = setTimeout(preview, 280)));

  async function land() {
    const desk = Getu.desk;
    const body = Getu.bodyOf(ed);
    if (!body || desk.busy || (ed.problem && !ed.allowFaults)) return;
    clearTimeout(timer);
    asked += 1;
    desk.busy = true;
    draw();
    try {
      const done = await Getu.send(desk.base + "/edits", body);
      desk.busy = false;
      reset(ed.tool, ed.tool === "select" ? ed.picked : []);
      desk.tellDone(done);
      await desk.landed(done);
    } catch (error) {
      desk.busy = false;
      refuse(error);
      draw();
    }
  }

  /* Tools */
  function reset(tool, picked) {
    clearTimeout(timer);
    asked += 1;
    ed = fresh(tool, picked);
    Getu.pen.clear();
    clearUnits();
    Getu.ground.preview([], []);
    Getu.ground.colour(ed.picked);
    Getu.ground.onClick(click);
    prepare();
    draw();
  }
  function choose(key) {
    const tool = Getu.findTool(key);
    if (!Getu.tools.includes(tool)) return;
    const able = ed.picked.filter((id) => Getu.grids.find(id) && Getu.mayEdit(Getu.grids.find(id), tool) === true);
    reset(key, able.slice(0, tool.most));
  }
  /* When enough grids are picked the pen is put into the hand. */
  async function prepare() {
    const tool = Getu.findTool(ed.tool);
    if (ed.tool !== "draw" && ed.picked.length < Math.max(tool.least, 1)) return;
    const mine = ed;
    if (tool.draws) await sharpen().catch((error) => Getu.toastAct(error.message));
    if (mine !== ed || ed.geometry) return;
    const told = (geometry) => ((ed.geometry = geometry), soon(), draw());
    if (tool.draws === "Polygon" || tool.draws === "Line") Getu.pen.draw(tool.draws, told);
    else if (tool.draws === "edge") startEdge(told);
    else if (tool.draws === "outline") Getu.pen.edit(Getu.shapes.toLatLngs(Getu.grids.find(ed.picked[0]).geometry), "polygon", told, { except: [ed.picked[0]] });
    else if (tool.draws === "units") await showUnits();
    else if (ed.tool !== "select") soon();
    draw();
  }
  /* Corners are moved on the true outline, never on the sketch. */
  async function sharpen() {
    const rough = ed.picked.map((id) => Getu.grids.find(id)).filter((grid) => grid && !grid.fine);
    if (!rough.length) return;
    const box = rough.map((grid) => grid.bbox);
    await Getu.ground.loadFine([Math.min(...box.map((b) => b[0])), Math.min(...box.map((b) => b[1])), Math.max(...box.map((b) => b[2])), Math.max(...box.map((b) => b[3]))]);
  }
  function startEdge(told) {
    const [one, other] = ed.picked.map((id) => Getu.grids.find(id));
    const edge = Getu.shapes.sharedEdge(one.geometry, other.geometry);
    if (!edge.length) return (ed.problem = { words: say("g_no_shared_edge", { one: one.name, other: other.name }), fresh: [] });
    const last = edge.length - 1;
    const ends = (event) => ![0, last].includes((event.indexPath || [event.index])[0]) || event.layer.getLatLngs().length - 1 !== last;
    Getu.pen.edit(edge.map(([x, y]) => [y, x]), "line", told, { except: ed.picked, options: { moveVertexValidation: ends } });
    const box = L.latLngBounds(edge.map(([x, y]) => [y, x]));
    if (!Getu.ground.leaflet().getBounds().contains(box)) Getu.ground.leaflet().fitBounds(box.pad(0.4), { animate: false, maxZoom: 17 });
  }

  /* Clicks pick grids, or units once the grid is chosen. */
  function click(at, event) {
    if (Getu.pen.busy()) return;
    const tool = Getu.findTool(ed.tool);
    if (ed.tool === "give_units" && ed.picked.length) return pickUnit(at);
    if (tool.draws && ed.picked.length >= tool.least && tool.least) return;
    const [grid] = Getu.grids.at(at.lng, at.lat).sort((a, b) => (a.area_m2 || 0) - (b.area_m2 || 0));
    if (!grid) return;
    const may = Getu.mayEdit(grid, tool);
    if (may !== true) return Getu.toastAct(grid.name + say("g_colon") + may);
    const many = tool.most > 1 && (tool.key !== "select" || event.shiftKey);
    const had = ed.picked.includes(grid.id);
    const rest = ed.picked.filter((id) => id !== grid.id);
    const picked = had ? rest : many ? [...ed.picked, grid.id].slice(-tool.most) : [grid.id];
    ed = { ...fresh(ed.tool, picked) };
    Getu.ground.preview([], []);
    Getu.ground.colour(picked);
    prepare();
    draw();
  }

  /* Units */
  async function showUnits() {
    const box = Getu.ground.leaflet().getBounds();
    const mine = ed;
    const found = await Getu.ask(Getu.desk.base + "/units?west=" + box.getWest() + "&south=" + box.getSouth() + "&east=" + box.getEast() + "&north=" + box.getNorth());
    if (mine !== ed) return;
    clearUnits();
    for (const unit of found.units) {
      const layer = L.polygon(Getu.shapes.toLatLngs(unit.geometry), { ...unitStyle(unit.code), pane: "units", interactive: false, pmIgnore: true }).addTo(Getu.ground.layers.units);
      units.set(unit.code, { ...unit, layer });
    }
  }
  const unitStyle = (code) => (ed.units.has(code) ? { color: "#074853", weight: 2.5, fillColor: "#0b5c6b", fillOpacity: 0.25, dashArray: null } : { color: "#40505b", weight: 1, dashArray: "4 4", fillColor: "#0b5c6b", fillOpacity: 0 });
  function clearUnits() {
    Getu.ground.layers.units.clearLayers();
    units = new Map();
  }
  function toggleUnits(codes, on) {
    for (const code of codes) (on === undefined ? !ed.units.has(code) : on) ? ed.units.add(code) : ed.units.delete(code);
    for (const [code, unit] of units) unit.layer.setStyle(unitStyle(code));
    soon();
    draw();
  }
  function pickUnit(at) {
    const hit = [...units.values()].reverse().find((unit) => Getu.covers(unit.geometry, at.lng, at.lat));
    if (hit) toggleUnits([hit.code]);
  }
  function lasso() {
    Getu.pen.throwLasso((ring) => {
      const inside = [...units.values()].filter((unit) => {
        const [w, s, e, n] = Getu.shapes.boxOf(unit.geometry);
        return Getu.inRing(ring, (w + e) / 2, (s + n) / 2);
      });
      toggleUnits(inside.map((unit) => unit.code), true);
    });
    draw();
  }

  /* Entering and leaving */
  function enter(tool) {
    if (matchMedia("(max-width:860px)").matches) return Getu.toastAct(say("g_larger_screen"));
    if (Getu.measure.on()) Getu.measure.toggle();
    const desk = Getu.desk;
    const row = desk.finding;
    const ids = ((row && row.grid_ids) || []).filter((id) => Getu.grids.find(id)).slice(0, 2);
    desk.mode = "edit";
    Getu.find("#desk").dataset.mode = "edit";
    reset(tool || (row && row.kind === "gap" ? "draw" : ids.length === 2 ? "move_edge" : "select"), tool === "draw" || (row && row.kind === "gap") ? [] : ids);
  }
  function leave(how) {
    const desk = Getu.desk;
    clearTimeout(timer);
    asked += 1;
    Getu.pen.clear();
    clearUnits();
    ed = fresh();
    desk.mode = "read";
    delete Getu.find("#desk").dataset.mode;
    Getu.ground.onClick(null);
    Getu.ground.preview([], []);
    Getu.hint(null);
    if (how && how.silent) return;
    if (desk.finding) desk.open(desk.at, { stay: true });
    else Getu.ground.colour([]), Getu.ground.openFinding(null), Getu.drawOverview(desk);
  }
  /* Esc: the drawing, then the tool, then the mode. */
  function escape() {
    if (ed.conflict) return drop();
    if (ed.geometry || Getu.pen.busy() || ed.units.size) return reset(ed.tool, ed.picked.length > Getu.findTool(ed.tool).least ? [] : ed.picked);
    if (ed.picked.length) return reset(ed.tool, []);
    return ed.tool === "select" ? leave() : choose("select");
  }
  const drop = () => reset(ed.tool, []);

  /* What the panel shows */
  function drawTools() {
    const button = (tool) => el("button.tool", { type: "button", id: "tool-" + tool.key, "aria-pressed": String(tool.key === ed.tool), "aria-keyshortcuts": tool.letter, title: say("g_tool_" + tool.key) + " " + tool.letter, onclick: () => choose(tool.key) }, icon("t-" + tool.key), el("span", {}, say("g_tool_" + tool.key)));
    return el("div.tool-grid", { role: "toolbar", "aria-label": say("g_tools") }, Getu.tools.map(button));
  }
  function drawPicked() {
    const grids = ed.picked.map((id) => Getu.grids.find(id)).filter(Boolean);
    if (!grids.length) return el("p.cap.lead", {}, Getu.hintOf(ed));
    const line = (grid) => el("li", {}, el("span.grow", {}, el("b", {}, grid.name), el("span.cap", {}, [grid.code, grid.manager || say("g_nobody"), Getu.areaOf(grid.area_m2), grid.locked ? say("g_locked") : null].filter(Boolean).join("·"))), el("button.btn.ghost.icon", { type: "button", "aria-label": say("g_unpick", { name: grid.name }), onclick: () => reset(ed.tool, ed.picked.filter((id) => id !== grid.id)) }, icon("x")));
    return el("ul.picked", { "aria-label": say("g_picked") }, grids.slice(0, 8).map(line), grids.length > 8 ? el("li.cap", {}, say("g_more_rows", { n: grids.length - 8 })) : null);
  }
  function drawTrial() {
    if (ed.problem) {
      const adds = ed.problem.code === "edit_adds";
      const allow = adds ? el("label.row", {}, el("input", { type: "checkbox", id: "allow-faults", checked: ed.allowFaults, onchange: (event) => ((ed.allowFaults = event.target.checked), preview()) }), say("g_allow_faults")) : null;
      return el("div.note.fault", { id: "edit-problem", role: "alert" }, icon("alert"), el("div", {}, ed.problem.words, allow));
    }
    if (!ed.preview) return ed.trying ? el("div.bones", { "aria-busy": "true" }, el("span"), el("span")) : null;
    const found = ed.preview.findings || {};
    const forecast = { before: found.before || {}, after: found.after || {}, adds: (found.new || []).filter((one) => one.severity === "must_fix").length };
    const kept = ed.allowFaults ? el("p.cap", {}, say("g_faults_allowed")) : null;
    const moves = Getu.findTool(ed.tool).shape;
    return el("div.trial", { id: "trial" }, [moves && Getu.drawBill(ed.preview.bill), Getu.drawForecast(forecast), kept, moves && Getu.drawBillDetail(ed.preview.bill)].filter(Boolean));
  }
  const key = (name) => el("span.kbd", { "aria-hidden": "true" }, name);
  function drawHint() {
    const acts = [];
    if (Getu.desk.drawing) acts.push(el("button.btn", { type: "button", id: "pen-back", onclick: () => Getu.pen.stepBack() }, say("g_step_back")), el("button.btn", { type: "button", id: "pen-finish", onclick: () => Getu.pen.finish() }, say("g_finish")));
    if (ed.tool === "give_units" && ed.picked.length) acts.push(el("button.btn", { type: "button", id: "lasso", onclick: lasso }, say("g_lasso")));
    if (ed.tool === "move_edge" && ed.picked.length === 2 && !Getu.desk.drawing) acts.push(el("button.btn", { type: "button", id: "redraw-edge", onclick: () => (Getu.pen.draw("Line", (geometry) => ((ed.geometry = geometry), soon(), draw())), draw()) }, say("g_redraw_edge")));
    acts.push(el("button.btn", { type: "button", id: "pen-cancel", onclick: escape }, say("cancel"), key("Esc")));
    if (!Getu.measure.on()) Getu.hint(Getu.hintOf(ed), acts);
  }
  /* While a name is being typed the form stays as it is. */
  function draw(onlyTrial) {
    if (Getu.desk.mode !== "edit") return;
    if (ed.conflict) return Getu.openConflict(ed.conflict, { again, drop });
    const place = Getu.find("#side");
    const typing = place.contains(document.activeElement) && document.activeElement.matches("input,select") ? document.activeElement : null;
    const body = Getu.bodyOf(ed);
    const apply = el("button.btn.lg.pri.grow", { type: "button", id: "land", disabled: !body || Getu.desk.busy || ed.trying || (ed.problem && !ed.allowFaults) || null, "aria-keyshortcuts": "Enter", onclick: land }, say(Getu.desk.busy ? "g_applying" : ed.tool === "lock" && body ? "g_tool_" + (body.act === "unlock" ? "unlock" : "lock") : "g_apply"));
    const foot = el("div.side-foot", {}, [ed.tool === "select" ? null : apply, el("button.btn.lg" + (ed.tool === "select" ? ".grow" : ""), { type: "button", id: "leave-edit", onclick: () => leave() }, say("g_leave_edit")), Getu.desk.mayUndo() ? el("button.btn.lg.icon", { type: "button", id: "undo", "aria-label": say("g_undo"), title: say("g_undo") + " Ctrl+Z", onclick: () => Getu.desk.undo() }, icon("undo")) : null].filter(Boolean));
    document.documentElement.dataset.tool = ed.tool + (ed.trying ? "-trying" : ed.preview ? "-ready" : ed.problem ? "-problem" : "");
    drawHint();
    if (typing && onlyTrial && Getu.find("#trial-place")) {
      Getu.find("#trial-place").replaceChildren(...[drawTrial()].filter(Boolean));
      place.querySelector(".side-foot").replaceWith(foot);
      return;
    }
    const scrolled = place.querySelector(".side-scroll") ? place.querySelector(".side-scroll").scrollTop : 0;
    const form = typing && Getu.find("#form") && Getu.find("#form").contains(typing) ? Getu.find("#form") : Getu.drawForm(ed);
    const head = el("div.panel-h", {}, el("div.grow", {}, el("div.cap", {}, say("g_by_hand")), el("h2", { id: "finding-title" }, say("g_tool_" + ed.tool))));
    const scroll = el("div.side-scroll", {}, [drawTools(), drawPicked(), form, el("div", { id: "trial-place" }, drawTrial()), Getu.drawRecord(Getu.desk)].filter(Boolean));
    place.replaceChildren(head, scroll, foot);
    scroll.scrollTop = scrolled;
    if (typing && document.contains(typing)) typing.focus({ preventScroll: true });
  }

  /* After a conflict: mine once more, on top of what the other one made. */
  async function again(current) {
    ed.conflict = null;
    ed.versions = {};
    if (current) Getu.ground.take(current.grids, current.removed);
    await Getu.desk.reload({ sketch: false });
    await preview();
  }

  Getu.editing = { enter, leave, choose, click, escape, land, soon, draw, preview, again: () => (Getu.ground.onClick(click), draw()), state: () => ed };
})();
