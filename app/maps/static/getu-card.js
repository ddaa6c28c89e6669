/* Getu 格图 · the card of a grid, and the parts that all cards share: people, numbers, the ladder, rows. */
(function () {
  "use strict";
  const { el, icon, say, number, money, share } = window.Getu;
  const RUNGS = [1, 2, 3, 4, 5, 6, 0];
  const SHADES = { 1: "#042f37", 2: "var(--rung-1)", 3: "var(--rung-2)", 4: "var(--rung-3)", 5: "var(--rung-4)", 6: "var(--rung-5)", 0: "var(--rung-0)" };

  function person(name, role, { dim, take } = {}) {
    const parts = [el("span.avatar" + (dim ? ".dim" : ""), { "aria-hidden": "true" }, name.slice(0, 1)), el("span", {}, el("span.b", {}, name), el("small", {}, role))];
    return take ? el("button.user.as-link", { type: "button", onclick: take }, parts) : el("div.user", {}, parts);
  }
  /* A number with its name; where rows lie behind it, it opens them. */
  function stat(name, value, { exact, take } = {}) {
    const shown = el("span.v", { title: exact }, value);
    return take ? el("button.stat.as-link", { type: "button", onclick: take, "aria-haspopup": "dialog" }, el("span.k", {}, name), shown) : el("div.stat", {}, el("span.k", {}, name), shown);
  }
  const block = (title, aside, ...more) => el("div.block", {}, el("div.between.block-h", {}, el("h3", {}, title), aside ? el("span.cap", {}, aside) : null), more.flat(2));
  function facts(pairs) {
    const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
    return el("dl.kv", {}, shown.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  }
  const link = (words, take) => el("button.link", { type: "button", onclick: take }, words);

  /* Rows that are walked with the arrows and taken with Enter; six are shown, the rest on demand. */
  function rows(all, draw, take, most = 6) {
    const list = el("ul.rows");
    const show = (some) => some.forEach((one) => list.append(el("li", {}, el("button.row-btn", { type: "button", onclick: () => take(one) }, draw(one)))));
    show(all.slice(0, most));
    const rest = all.slice(most);
    const more = rest.length ? el("button.link.more", { type: "button" }, say("more_n", { n: rest.length })) : null;
    if (more)
      more.addEventListener("click", () => {
        show(rest);
        more.remove();
        list.children[most].firstChild.focus();
      });
    Getu.walkRows(list);
    return [list, more];
  }
  Getu.walkRows = function (list) {
    list.addEventListener("keydown", (e) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
      const all = [...list.querySelectorAll(".row-btn")];
      const next = by && all[all.indexOf(document.activeElement) + by];
      if (!by) return;
      e.preventDefault();
      if (next) next.focus();
    });
  };

  function ladder(counts) {
    const rungs = Object.fromEntries(RUNGS.map((rung) => [rung, Number((counts || {})[rung] || 0)]));
    const total = RUNGS.reduce((sum, rung) => sum + rungs[rung], 0);
    if (!total) return null;
    const placed = rungs[1] + rungs[2] + rungs[3] + rungs[4];
    const bar = el("div.ladder", { role: "img", "aria-label": say("ladder") }, RUNGS.filter((r) => rungs[r]).map((r) => el("i", { style: "width:" + (100 * rungs[r]) / total + "%;background:" + SHADES[r] })));
    const keys = RUNGS.filter((r) => rungs[r] || r !== 1).map((r) => el("li", {}, el("span.sw", { style: "background:" + SHADES[r] }), say("rung_" + r), el("b", {}, number(rungs[r]))));
    return block(say("ladder"), say("ladder_of", { n: number(placed), of: number(total) }), bar, el("ul.ladder-k", {}, keys));
  }

  function service(about) {
    if (about.filed === undefined || !about.existing) return null;
    const width = "width:" + Math.min(100, (100 * about.visited) / about.existing) + "%";
    const told = [say("filed") + " " + share(about.filed, about.existing), say("area") + " " + Number(about.area_km2 || 0).toFixed(2) + " " + say("km2")];
    return block(say("visited_n"), number(about.visited) + " / " + number(about.existing), el("div.bar-t", { style: "margin:4px 0 8px" }, el("i", { style: width })), el("div.between.cap", {}, told.map((f) => el("span", {}, f))));
  }

  /* Households, customers, prospects, coverage; `list` opens the rows of a cut. */
  function counts(about, list) {
    const covered = about.covered_households === undefined ? "—" : share(about.covered_households, about.households);
    const exact = about.covered_households === undefined ? "" : about.covered_households + " / " + about.households;
    const rowsOf = (standing, n) => (list && n ? () => list({ standing }) : null);
    return el("div.block.quad", {}, stat(say("households"), number(about.households)), stat(say("existing"), number(about.existing), { take: rowsOf("existing", about.existing) }), stat(say("prospects"), number(about.prospects), { take: rowsOf("prospect", about.prospects) }), stat(say("coverage"), covered, { exact }));
  }

  function openPrint(branch) {
    const dialog = Getu.find("#print");
    if (!dialog) return;
    for (const option of dialog.querySelectorAll("[data-id]")) if (branch && Number(option.dataset.id) === branch.id) option.selected = true;
    dialog.showModal();
  }
  const print = (branch) => Getu.find("#print") && branch && el("button.btn", { type: "button", onclick: () => openPrint(branch) }, say("card_print"));

  function people(grid, tools) {
    const known = (one) => (one.id && !Getu.config.data ? () => tools.open("manager", one.id) : null);
    const shown = [grid.manager ? person(grid.manager.name, say("manager") + "·" + grid.manager.code, { take: known(grid.manager) }) : person("—", say("no_manager"), { dim: true })];
    if (grid.liaison) shown.push(person(grid.liaison.name || grid.liaison, say("liaison"), { dim: true }));
    return el("div.block", {}, el("div.people", {}, shown));
  }
  function client(one) {
    const image = el("img.sym", { src: Getu.symbols.address(one.tier === "strategic" ? "star" : "triangle"), alt: say("tier_" + one.tier) });
    return [image, el("span.grow", {}, one.name || say("tier_" + one.tier)), el("span.cap", {}, one.lead_level ? say("lead_" + one.lead_level) : ""), el("span.num.b", {}, money(one.loan_yuan))];
  }
  function clients(grid, tools) {
    const all = grid.key_clients || [];
    if (!all.length) return null;
    const shown = Getu.config.data ? el("ul", {}, all.slice(0, 6).map((one) => el("li.client", {}, client(one)))) : rows(all, client, (one) => tools.open("customer", one.id));
    return block(say("key_clients"), say("loan"), shown);
  }

  /* The card of a grid; its numbers open its customers. */
  Getu.drawCard = function (grid, tools) {
    const branch = grid.branch || {};
    const type = branch.branch_type ? say("type_" + branch.branch_type) : null;
    const sees = !Getu.config.data && Getu.config.sees_customers && grid.existing !== undefined && grid.existing !== null;
    const list = sees ? (cut) => Getu.openGridList(grid, cut) : null;
    const home = branch.id && !Getu.config.data ? link(branch.name, () => tools.open("branch", branch.id)) : branch.name;
    const cap = [grid.code, home, type, grid.town].filter(Boolean).flatMap((one, n) => (n ? ["·", one] : [one]));
    const see = list && el("button.btn.pri.grow", { type: "button", onclick: () => list() }, say("see_customers"));
    const look = grid.bbox && el("button.btn", { type: "button", onclick: () => tools.fit(grid.bbox) }, icon("locate"), say("on_map"));
    return Getu.drawFrame({ cap, title: grid.name, blocks: [people(grid, tools), counts(grid, list), ladder(grid.rungs), service(grid), clients(grid, tools)], foot: [see, look, print(branch.id && branch)] });
  };
  Getu.parts = { person, stat, block, facts, link, rows, ladder, service, counts, print };
})();
