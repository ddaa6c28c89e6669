/* Getu 格图 · two people, one grid: who was first, when, with what; the second one's work stays on the map. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;

  /* One line a step, though it may have touched several grids. */
  const listOf = (body) => [...new Map((body.changed || []).map((one) => [one.at + Getu.half2(one, "title"), one])).values()];
  const whoOf = (one) => one.by || say("g_somebody");
  const whatOf = (one) => Getu.half2(one, "title") || (one.act ? say("g_act_" + one.act) : one.code || "");
  const gridsOf = (body) => body.grids || [];

  function showTheirs(body) {
    const features = gridsOf(body).filter((feature) => feature.geometry);
    const layer = Getu.ground.layers.preview;
    for (const feature of features) L.polygon(Getu.shapes.toLatLngs(feature.geometry), { pane: "preview", color: "#5b3a8c", weight: 3, fillColor: "#5b3a8c", fillOpacity: 0.1, interactive: false, pmIgnore: true }).addTo(layer);
    const boxes = features.map((feature) => Getu.shapes.boxOf(feature.geometry));
    if (boxes.length) Getu.ground.zoomToBox([Math.min(...boxes.map((b) => b[0])), Math.min(...boxes.map((b) => b[1])), Math.max(...boxes.map((b) => b[2])), Math.max(...boxes.map((b) => b[3]))]);
  }
  Getu.openConflict = function (error, acts) {
    const body = error.body || {};
    const changes = listOf(body);
    const line = (one) => el("li", {}, el("span.avatar", { "aria-hidden": "true" }, String(whoOf(one))[0]), el("span.grow", {}, el("b", {}, whoOf(one)), el("span.cap", {}, [one.at ? Getu.when(one.at) : null, whatOf(one)].filter(Boolean).join("·"))));
    const names = gridsOf(body).map((feature) => feature.properties.name).filter(Boolean);
    const there = new Set(gridsOf(body).map((feature) => Number(feature.id)));
    const current = { grids: gridsOf(body), removed: (body.grid_ids || []).filter((id) => !there.has(Number(id))) };
    const panel = [
      el("div.panel-h", {}, el("div.grow", {}, el("div.cap", {}, names.join("、")), el("h2", { id: "finding-title", tabindex: "-1" }, say("g_conflict")))),
      el("div.side-scroll", { id: "conflict" }, el("div.note.warn", { role: "alert" }, icon("alert"), el("div", {}, error.message)), changes.length ? el("ul.who", {}, changes.map(line)) : null, el("p.cap", {}, say("g_conflict_kept"))),
      el("div.side-foot.stack", {}, el("button.btn.lg", { type: "button", id: "see-theirs", onclick: () => showTheirs(body) }, say("g_see_theirs")), el("button.btn.lg.pri", { type: "button", id: "try-again", onclick: () => acts.again(current) }, say("g_try_again")), el("button.btn.lg", { type: "button", id: "drop-mine", onclick: () => (Getu.ground.take(current.grids, current.removed), acts.drop(), Getu.desk.reload({ sketch: false })) }, say("g_drop_mine"))),
    ];
    Getu.find("#side").replaceChildren(...panel);
    Getu.find("#finding-title").focus({ preventScroll: true });
    Getu.hint(say("g_conflict_hint"), []);
  };
})();
