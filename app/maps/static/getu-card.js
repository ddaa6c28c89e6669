/* Getu 格图 · the card of a grid: who holds it, who lives there, how sure we are, how well it is served. */
(function () {
  "use strict";
  const { el, icon, say, number, money, share } = window.Getu;
  const RUNGS = [1, 2, 3, 4, 5, 6, 0];
  const SHADES = { 1: "#042f37", 2: "var(--rung-1)", 3: "var(--rung-2)", 4: "var(--rung-3)", 5: "var(--rung-4)", 6: "var(--rung-5)", 0: "var(--rung-0)" };

  function person(name, role, dim) {
    return el("div.user", {}, el("span.avatar" + (dim ? ".dim" : ""), { "aria-hidden": "true" }, name.slice(0, 1)), el("span", {}, el("span.b", {}, name), el("small", {}, role)));
  }

  function people(grid) {
    const shown = [grid.manager ? person(grid.manager.name, say("manager") + "·" + grid.manager.code) : person("—", say("no_manager"), true)];
    if (grid.liaison) shown.push(person(grid.liaison.name || grid.liaison, say("liaison"), true));
    return el("div.block", {}, el("div.people", {}, shown));
  }

  function stat(name, value, exact) {
    return el("div.stat", {}, el("span.k", {}, name), el("span.v", { title: exact }, value));
  }

  function counts(grid) {
    const covered = grid.covered_households === undefined ? "—" : share(grid.covered_households, grid.households);
    const exact = grid.covered_households === undefined ? "" : grid.covered_households + " / " + grid.households;
    return el("div.block.quad", {}, stat(say("households"), number(grid.households)), stat(say("existing"), number(grid.existing)), stat(say("prospects"), number(grid.prospects)), stat(say("coverage"), covered, exact));
  }

  function ladder(grid) {
    const rungs = Object.fromEntries(RUNGS.map((rung) => [rung, Number((grid.rungs || {})[rung] || 0)]));
    const total = RUNGS.reduce((sum, rung) => sum + rungs[rung], 0);
    if (!total) return null;
    const placed = rungs[1] + rungs[2] + rungs[3] + rungs[4];
    const bar = el("div.ladder", { role: "img", "aria-label": say("ladder") }, RUNGS.filter((r) => rungs[r]).map((r) => el("i", { style: "width:" + (100 * rungs[r]) / total + "%;background:" + SHADES[r] })));
    const keys = RUNGS.filter((r) => rungs[r] || r !== 1).map((r) => el("li", {}, el("span.sw", { style: "background:" + SHADES[r] }), say("rung_" + r), el("b", {}, number(rungs[r]))));
    const head = el("div.between", { style: "margin-bottom:8px" }, el("h3", {}, say("ladder")), el("span.cap", {}, say("ladder_of", { n: number(placed), of: number(total) })));
    return el("div.block", {}, head, bar, el("ul.ladder-k", {}, keys));
  }

  function service(grid) {
    if (grid.filed === undefined || !grid.existing) return null;
    const head = el("div.between", { style: "height:24px" }, el("h3", {}, say("visited_n")), el("span.cap", {}, number(grid.visited) + " / " + number(grid.existing)));
    const width = "width:" + Math.min(100, (100 * grid.visited) / grid.existing) + "%";
    const facts = [say("filed") + " " + share(grid.filed, grid.existing), say("area") + " " + Number(grid.area_km2 || 0).toFixed(2) + " " + say("km2")];
    return el("div.block", {}, head, el("div.bar-t", { style: "margin:4px 0 8px" }, el("i", { style: width })), el("div.between.cap", {}, facts.map((f) => el("span", {}, f))));
  }

  function client(one) {
    const image = el("img.sym", { src: Getu.symbols.address(one.tier === "strategic" ? "star" : "triangle"), alt: say("tier_" + one.tier) });
    const lead = one.lead_level ? say("lead_" + one.lead_level) : "";
    return el("li.client", {}, image, el("span.grow", {}, one.name || say("tier_" + one.tier)), el("span.cap", {}, lead), el("span.num.b", {}, money(one.loan_yuan)));
  }

  function clients(grid) {
    const rows = grid.key_clients || [];
    if (!rows.length) return null;
    return el("div.block", {}, el("div.between", { style: "height:24px" }, el("h3", {}, say("key_clients")), el("span.cap", {}, say("loan"))), el("ul", {}, rows.slice(0, 6).map(client)));
  }

  function header(grid, close) {
    const branch = grid.branch || {};
    const type = branch.branch_type ? say("type_" + branch.branch_type) : null;
    const facts = [grid.code, branch.name, type, grid.town].filter(Boolean).join("·");
    const button = el("button.btn.ghost.icon", { "aria-label": say("close"), style: "color:var(--ink-3);margin:0 -8px 0 0", onclick: close }, icon("x"));
    return el("header", {}, el("div", {}, el("div.cap", {}, facts), el("h2", { id: "card-title", tabindex: "-1" }, grid.name)), button);
  }

  /* The whole card; `open` lists the customers. */
  Getu.drawCard = function (grid, { close, open }) {
    const parts = [people(grid), counts(grid), ladder(grid), service(grid), clients(grid)].filter(Boolean);
    const foot = open && grid.existing !== undefined && grid.existing !== null ? el("div.foot", {}, el("button.btn.pri.grow", { onclick: open }, say("see_customers"))) : null;
    return el("section.card.float", { "aria-labelledby": "card-title" }, header(grid, close), el("div.scroll", {}, parts), foot);
  };
  Getu.drawBones = () => el("section.card.float.bones", { "aria-busy": "true", "aria-label": say("loading") }, el("span", { style: "width:40%" }), el("span", { style: "width:80%" }), el("span"), el("span", { style: "width:60%" }));
  Getu.drawFailure = (error, retry, close) =>
    el("section.card.float", {}, el("div.empty", { role: "alert" }, icon("alert"), el("b", {}, say("failed")), el("span", {}, error.message), el("div.row", {}, el("button.btn", { onclick: retry }, say("retry")), el("button.btn.ghost", { onclick: close }, say("close")))));
})();
