/* Getu 格图 · the allotment board: who has how many grids in which state, the map of it, what is chosen on it. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const kit = Getu.kit;
  const HEAD = Getu.config.role === "head";
  const KEYS = Object.keys(Getu.allotLooks);
  const board = (Getu.board = { plan: "", grids: [], board: null, offers: [], chosen: new Set(), unit: "", state: "", busy: false });
  let ground = null;

  /* A grid that came with its manager (from the table of duties) is held, one that came with its branch is its branch's. */
  board.stateOf = (props) => props.allotted || (managerOf(props) ? "held" : branchOf(props) ? "in_branch" : "none");
  board.byCode = (code) => board.grids.find((one) => one.properties.code === code);
  const branchOf = (props) => props.branch_code || "";
  const managerOf = (props) => (props.manager && typeof props.manager === "object" ? props.manager.code : props.manager_code) || "";
  const managerName = (props) => (props.manager && typeof props.manager === "object" ? props.manager.name : props.manager) || "";

  board.counts = function (grids) {
    const counts = Object.fromEntries(KEYS.map((key) => [key, 0]));
    for (const one of grids) counts[board.stateOf(one.properties)] += 1;
    return counts;
  };
  function bar(counts, total) {
    return el("div.state-bar", { "aria-hidden": "true" }, KEYS.filter((key) => counts[key]).map((key) => el("i", { title: say("allot_" + key) + " " + number(counts[key]), style: "width:" + (100 * counts[key]) / total + "%;background:" + Getu.allotLooks[key].fill + ";border-top:2px solid " + Getu.allotLooks[key].edge })));
  }

  /* Rows: branches for head office, people for a branch head */
  function unitsOf() {
    const groups = new Map();
    const put = (key, name) => groups.set(key, groups.get(key) || { key, name, grids: [] });
    if (HEAD) for (const one of Getu.config.branches) put(one.code, one.name);
    else for (const one of Getu.config.staff.filter((one) => one.kind === "manager")) put(one.code, one.name);
    for (const one of board.grids) {
      const key = HEAD ? branchOf(one.properties) : managerOf(one.properties);
      put(key, HEAD ? kit.branchName(key) : managerName(one.properties) || say("nobody"));
      groups.get(key).grids.push(one);
    }
    return [...groups.values()].sort((a, b) => (a.key === "" ? -1 : b.key === "" ? 1 : a.key < b.key ? -1 : 1));
  }
  function drawRows() {
    const units = unitsOf();
    const rows = units.map((unit) => {
      const counts = board.counts(unit.grids);
      const whole = { ...counts };
      /* What is offered to a branch or a person waits in its row, wherever the grid belongs till then. */
      const mine = board.offers.filter((one) => one.state === "offered" && (HEAD ? one.step === "branch" && one.branch.code === unit.key : one.step === "manager" && one.staff.code === unit.key));
      counts[HEAD ? "offered_branch" : "offered_manager"] = mine.length;
      return el("tr" + (board.unit === unit.key && board.filtered ? ".sel" : ""), { "data-unit": unit.key }, el("td", {}, el("button.link", { type: "button", onclick: () => filter(unit.key) }, unit.name), el("span.cap.block-line", {}, unit.key || "—")), el("td.num", {}, number(unit.grids.length)), ...["offered_branch", "in_branch", "offered_manager", "held", "returned"].map((key) => el("td.num" + (key === "returned" && counts[key] ? ".b" : ""), {}, counts[key] ? number(counts[key]) : "·")), el("td.bar-cell", {}, unit.grids.length ? bar(whole, unit.grids.length) : null));
    });
    const head = el("tr", {}, el("th", {}, say(HEAD ? "branch" : "manager")), el("th.num", {}, say("h_all")), ...["offered_branch", "in_branch", "offered_manager", "held", "returned"].map((key) => el("th.num", { title: say("allot_" + key) }, say("short_" + key))), el("th", {}, ""));
    Getu.find("#allot-rows").replaceChildren(el("table.dense.allot-table", {}, el("thead", {}, head), el("tbody", {}, rows)));
  }
  function filter(unit) {
    const off = board.filtered && board.unit === unit;
    board.filtered = !off;
    board.unit = off ? "" : unit;
    drawRows();
    ground.paint();
    const inUnit = board.grids.filter((one) => (HEAD ? branchOf : managerOf)(one.properties) === unit);
    if (!off && inUnit.length) ground.fit(L.geoJSON({ type: "FeatureCollection", features: inUnit }).getBounds());
    else ground.fit();
  }

  /* The map */
  function look(props) {
    const style = Getu.allotLooks[board.stateOf(props)];
    const dim = board.filtered && (HEAD ? branchOf : managerOf)(props) !== board.unit;
    const chosen = board.chosen.has(props.code);
    return { fillColor: style.fill, fillOpacity: dim ? 0.18 : chosen ? 0.45 : 0.88, color: chosen ? "#17232b" : style.edge, weight: chosen ? 4 : 1.2, opacity: dim ? 0.35 : 1, dashArray: chosen ? null : style.dash };
  }
  const tip = (props) => [props.code + " " + props.name, say("allot_" + board.stateOf(props)), kit.branchName(branchOf(props)), managerName(props)].filter(Boolean).join("·");
  function toggle(codes, on) {
    for (const code of codes) (on === undefined ? !board.chosen.has(code) : on) ? board.chosen.add(code) : board.chosen.delete(code);
    for (const code of codes) if (board.chosen.has(code)) ground.front(code);
    ground.paint();
    Getu.drawOffer(board);
  }
  board.toggle = toggle;
  board.clear = function () {
    board.chosen.clear();
    ground.paint();
    Getu.drawOffer(board);
  };
  board.zoomTo = (code) => ground.zoomTo(code);

  /* Reading */
  async function read(keep) {
    const way = (more) => kit.address(board.plan, more);
    const [grids, offers] = await Promise.all([Getu.ask(way("/outlines")), Getu.ask(way("/allotments"))]);
    board.grids = grids.features;
    board.offers = offers.allotments || offers.offers || [];
    if (!keep) board.chosen.clear();
    for (const code of [...board.chosen]) if (!board.byCode(code)) board.chosen.delete(code);
  }
  board.again = async function (words, keep) {
    await read(keep);
    drawAll();
    if (words) kit.toast(words);
  };
  function drawAll(fit) {
    fit ? ground.show(board.grids) : ground.replace(board.grids);
    Getu.find("#allot-legend").replaceChildren(Getu.drawLegend(KEYS, Getu.allotLooks, (key) => say("allot_" + key), board.counts(board.grids)));
    drawRows();
    Getu.drawOffer(board);
    Getu.drawBatches(board);
    document.documentElement.dataset.allot = board.plan;
  }
  async function open(plan) {
    board.plan = plan;
    board.filtered = false;
    Getu.state.write({ plan });
    delete document.documentElement.dataset.allot;
    await board.again("", false);
    drawAll(true);
  }

  Getu.parts = Getu.parts || {};
  Getu.parts.allot = async function (place, asked) {
    const plans = kit.plans.filter((one) => one.status !== "retired");
    if (!plans.length) return place.replaceChildren(el("div.card", {}, kit.empty(say("no_plans"), say("no_plans_why"))));
    const said = { ...Getu.state.read(), ...asked };
    const first = plans.find((one) => one.code === said.plan) || plans.find((one) => one.status === "approved") || kit.inForce() || plans[0];
    const told = el("div", { id: "allot-error" });
    const pick = kit.select({ id: "allot-plan", "aria-label": say("plan"), onchange: () => kit.press(null, () => open(pick.value).catch((error) => told.replaceChildren(kit.why(error)))) }, kit.planOptions(plans), first.code);
    const frame = el("div.map.allot-map");
    place.replaceChildren(
      el("section.card.allot-left", {}, el("header", {}, el("h2", {}, say(HEAD ? "allot_branches" : "allot_people")), pick), told, el("div.table-scroll", { id: "allot-rows" })),
      el("section.card.allot-mid", {}, frame, el("div.map-foot", { id: "allot-legend" })),
      el("section.card.allot-right", {}, el("div", { id: "allot-offer" }), el("div", { id: "allot-batches" })));
    ground = Getu.makeGroundMap(frame, { name: say("allot_map"), look, tip, label: (props) => Getu.allotLooks[board.stateOf(props)].sign + " " + props.name, click: (props) => toggle([props.code]), lasso: (caught) => toggle(caught.map((one) => one.code), true) });
    board.ground = ground;
    await open(first.code);
  };
  Getu.parts.allot.shown = () => ground && ground.fit();
})();
