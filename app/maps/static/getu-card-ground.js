/* Getu 格图 · the cards of who holds ground: a village, a manager, a branch. Brought when the first is opened. */
(function () {
  "use strict";
  const { el, icon, say, number } = window.Getu;
  const { stat, block, facts, link, rows, ladder, service, counts, print } = Getu.parts;
  const dotted = (all) => all.filter(Boolean).flatMap((one, n) => (n ? ["·", one] : [one]));

  function gridRow(grid) {
    const held = grid.manager ? grid.manager.name : say("no_manager");
    return [el("span.grow", {}, grid.name, el("span.cap", {}, " " + grid.code)), el("span.cap", {}, held), el("span.num.b", {}, number(grid.existing))];
  }
  const gridBlock = (title, grids, tools) => block(title, say("card_of_n", { n: number(grids.length) }) + "·" + say("existing"), grids.length ? rows(grids, gridRow, (one) => tools.open("grid", one.id, true)) : el("p.cap", {}, say("card_empty")));
  const look = (about, tools) => about.bbox && el("button.btn", { type: "button", onclick: () => tools.fit(about.bbox) }, icon("locate"), say("on_map"));
  const sees = () => Getu.config.sees_customers;

  /* Everything that a branch's or a manager's ground holds, through the map's own filter. */
  function listOf(field, about) {
    return sees() ? (cut) => Getu.openCustomers({ title: say("customers_of", { grid: about.name }), address: "/api/v1/map/customers", query: new URLSearchParams({ [field]: about.code, ...cut }).toString() }) : null;
  }
  function acts(field, about, tools, branch) {
    const list = listOf(field, about);
    const narrow = Getu.filter && el("button.btn", { type: "button", onclick: () => Getu.filter.set({ branch: "", manager: "", [field]: about.code }, true) }, say("card_filter"));
    return [list && el("button.btn.pri.grow", { type: "button", onclick: () => list() }, say("see_customers")), narrow, look(about, tools), print(branch)];
  }

  Getu.drawManager = function (about, tools) {
    const home = about.branch.id ? link(about.branch.name, () => tools.open("branch", about.branch.id)) : about.branch.name;
    const list = listOf("manager", about);
    const backup = about.backup_of.length ? block(say("card_backup_of"), say("card_of_n", { n: about.backup_of.length }), rows(about.backup_of, (one) => [el("span.grow", {}, one.name), el("span.cap", {}, one.code)], (one) => tools.open("grid", one.id, true))) : null;
    const phone = about.phone ? el("a", { href: "tel:" + about.phone }, about.phone) : "—";
    return Getu.drawFrame({
      cap: dotted([about.code, home, say("manager")]),
      title: about.name,
      blocks: [el("div.block", {}, facts([[say("phone"), phone]])), counts(about, list), ladder(about.rungs), service(about), gridBlock(say("card_grids"), about.grids, tools), backup],
      foot: acts("manager", about, tools, about.branch),
    });
  };

  function managerRow(one) {
    return [el("span.grow", {}, one.name || say("no_manager"), one.code ? el("span.cap", {}, " " + one.code) : null), el("span.cap", {}, say("card_grids") + " " + number(one.grids)), el("span.num.b", {}, number(one.existing))];
  }
  Getu.drawBranch = function (about, tools) {
    const list = listOf("branch", about);
    const type = about.branch_type ? say("type_" + about.branch_type) : null;
    const held = about.managers.filter((one) => one.id);
    const managers = held.length ? block(say("card_managers"), say("card_of_n", { n: held.length }) + "·" + say("existing"), rows(held, managerRow, (one) => tools.open("manager", one.id, true))) : null;
    const outlets = about.outlets.length ? block(say("card_outlets"), say("card_of_n", { n: about.outlets.length }), rows(about.outlets, (one) => [el("span.grow", {}, one.name), el("span.cap", {}, one.code)], (one) => one.lon && tools.at(one.lon, one.lat))) : null;
    return Getu.drawFrame({
      cap: dotted([about.code, type, about.parent && about.parent.name]),
      title: about.name,
      blocks: [about.address ? el("div.block", {}, facts([[say("address"), about.address]])) : null, counts(about, list), ladder(about.rungs), service(about), managers, gridBlock(say("card_grids"), about.grids, tools), outlets],
      foot: acts("branch", about, tools, about.grids.length ? about : null),
    });
  };

  Getu.drawVillage = function (about, tools) {
    const found = about.customers;
    const list = found && sees() ? (cut) => Getu.openCustomers({ title: say("customers_of", { grid: about.name }), address: "/api/v1/villages/" + about.id + "/customers", query: new URLSearchParams(cut || {}).toString() }) : null;
    const former = (about.former_names || []).join("、");
    const here = found && el("div.block.quad", {}, stat(say("households"), number(about.official_households)), stat(say("existing"), number(found.existing), { take: list && found.existing ? () => list({ standing: "existing" }) : null }), stat(say("prospects"), number(found.prospects), { take: list && found.prospects ? () => list({ standing: "prospect" }) : null }), stat(say("key_clients"), number(found.strategic + found.key)));
    return Getu.drawFrame({
      cap: dotted([about.code, about.town, Getu.config.words["kind_" + about.kind] || null]),
      title: about.name,
      blocks: [
        here,
        el("div.block", {}, facts([[say("card_official"), about.official_name], [say("card_former"), former], [say("card_residents"), about.residents && number(about.residents)], [say("area"), about.area_km2.toFixed(2) + " " + say("km2")]]), found ? el("p.cap", {}, say("card_here")) : null),
        found && ladder(found.rungs),
        gridBlock(say("card_grids"), about.grids, tools),
      ],
      foot: [list && el("button.btn.pri.grow", { type: "button", onclick: () => list() }, say("see_customers")), look(about, tools), print(about.grids.length && about.grids[0].branch)],
    });
  };
})();
