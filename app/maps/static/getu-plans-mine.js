/* Getu 格图 · a manager's own part: grids offered to him with a small map, taken or returned; and those he holds. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const kit = Getu.kit;
  const mine = (Getu.mine = { plan: "", grids: [], offers: [], role: "primary" });
  const LOOK = { fillColor: "#d5e4f5", fillOpacity: 0.85, color: "#1d5a9c", weight: 2 };
  const BESIDE = { fillColor: "#e4f0ef", fillOpacity: 0.9, color: "#43909a", weight: 1, dashArray: "2 4" };
  const HELD = { fillColor: "#4b96a1", fillOpacity: 0.75, color: "#074853", weight: 1.2 };

  const gridOf = (one) => mine.grids.find((grid) => grid.properties.code === Getu.offerCode(one));
  const open = () => mine.offers.filter((one) => one.state === "offered" && one.step === "manager");
  async function answer(ids, body, words) {
    await Getu.send(kit.address(mine.plan, "/allotments/answer"), { ids, ...body });
    await read();
    draw();
    kit.toast(words);
  }
  function back(offers) {
    const first = gridOf(offers[0]);
    const what = offers.length === 1 && first ? first.properties.name : say("n_grids", { n: number(offers.length) });
    Getu.askReason(say("return_one_q", { what }), say("return"), (reason) => answer(offers.map((one) => one.id), { answer: "return", reason }, say("returned_done", { n: number(offers.length) })));
  }
  function card(one) {
    const grid = gridOf(one) || { properties: {} };
    const p = grid.properties;
    const told = el("div");
    const name = one.grid_name || p.name || Getu.offerCode(one);
    const yes = kit.button(say("accept"), () => kit.press(yes, () => answer([one.id], { answer: "accept" }, say("accepted_one", { what: name })), told), { look: "pri" });
    const facts = [p.town, p.kind && say("grid_" + p.kind), p.households !== undefined && p.households !== null ? say("n_households", { n: number(p.households) }) : "", p.customers !== undefined && p.customers !== null ? say("n_customers", { n: number(p.customers) }) : ""].filter(Boolean).join("·");
    return el("article.card.mine-card", { "data-offer": one.id, "data-grid": Getu.offerCode(one) },
      el("div.mine-top", {}, grid.geometry ? Getu.drawOutlines(neighboursOf(grid), p.code, 96) : null, el("div.grow", {}, el("h3", {}, name), el("p.cap", {}, Getu.offerCode(one)), el("p.cap", {}, facts), el("p.cap", {}, say("as_n", { role: say("role_" + (one.role || "primary")), day: one.valid_from || "—" }) + (one.reason ? "·" + one.reason : "")))),
      told, el("div.mine-acts", {}, yes, kit.button(say("return"), () => back([one]))));
  }
  function neighboursOf(grid) {
    const others = mine.grids.filter((one) => one !== grid && one.geometry && one.properties.town === grid.properties.town);
    return [...others, grid];
  }
  function draw() {
    const place = Getu.find("#part-mine");
    const offers = open();
    const rest = mine.grids.filter((one) => !offers.some((offer) => Getu.offerCode(offer) === one.properties.code));
    const held = rest.filter((one) => one.properties.manager_code === Getu.config.staff_code);
    const beside = rest.filter((one) => one.properties.manager_code && one.properties.manager_code !== Getu.config.staff_code);
    const sum = held.reduce((n, one) => n + (Number(one.properties.households) || 0), 0);
    const frame = el("div.map.mine-map");
    const ids = offers.map((one) => one.id);
    const told = el("div");
    const all = kit.button(say("accept_all", { n: number(offers.length) }), () => kit.press(all, () => answer(ids, { answer: "accept" }, say("accepted_done", { n: number(offers.length) })), told), { look: "pri.lg", id: "accept-all" });
    place.replaceChildren(
      el("section.card.mine-head", {}, el("header", {}, el("h2", {}, say("mine_title")), picker()), el("dl.stats", {}, el("div.stat", {}, el("dt", {}, say("mine_waiting")), el("dd.v", { id: "mine-waiting" }, number(offers.length))), el("div.stat", {}, el("dt", {}, say("mine_held")), el("dd.v", {}, number(held.length)), el("dd.d", {}, say("n_households", { n: number(sum) }))), el("div.stat", {}, el("dt", {}, say("mine_beside")), el("dd.v", {}, number(beside.length)))), offers.length > 1 ? el("div.mine-acts.all", {}, all, kit.button(say("return_all"), () => back(offers))) : null, told),
      el("section.card.mine-where", {}, frame, el("ul.map-legend", {}, el("li", {}, el("i", { style: "background:var(--info-line);border:2px dashed var(--info)" }), say("mine_waiting")), el("li", {}, el("i", { style: "background:var(--seq-4);border:2px solid var(--brand-strong)" }), say("mine_held")), el("li", {}, el("i", { style: "background:var(--seq-1);border:2px dotted var(--seq-4)" }), say("mine_beside")))),
      el("div.mine-list", {}, offers.length ? offers.map(card) : el("div.card", {}, kit.empty(say("mine_none"), say("mine_none_why")))));
    const codes = new Set(offers.map(Getu.offerCode));
    const map = Getu.makeGroundMap(frame, { name: say("mine_map"), label: (props) => props.name, look: (props) => (codes.has(props.code) ? { ...LOOK, dashArray: "6 4" } : props.manager_code === Getu.config.staff_code ? HELD : BESIDE), tip: (props) => props.code + " " + props.name, click: (props) => (document.querySelector('.mine-card[data-grid="' + props.code + '"]') || frame).scrollIntoView({ block: "center" }) });
    map.show(mine.grids.filter((one) => one.geometry && (codes.has(one.properties.code) || one.properties.manager_code)));
    const badge = Getu.find("#count-mine");
    badge.textContent = offers.length ? number(offers.length) : "";
    badge.hidden = !offers.length;
    document.documentElement.dataset.mine = mine.plan;
  }
  function picker() {
    const plans = kit.plans.filter((one) => one.status !== "retired");
    const pick = kit.select({ id: "mine-plan", "aria-label": say("plan"), onchange: () => ((mine.plan = pick.value), kit.press(null, () => read().then(draw))) }, kit.planOptions(plans), mine.plan);
    return pick;
  }
  async function read() {
    Getu.state.write({ plan: mine.plan });
    const [grids, offers] = await Promise.all([Getu.ask(kit.address(mine.plan, "/outlines")), Getu.ask(kit.address(mine.plan, "/allotments?mine=true"))]);
    mine.grids = grids.features;
    mine.offers = offers.allotments || offers.offers || [];
  }
  Getu.parts = Getu.parts || {};
  /* The plan in which something waits for him opens first. */
  Getu.parts.mine = async function (place) {
    const plans = kit.plans.filter((one) => one.status !== "retired");
    if (!plans.length) return place.replaceChildren(el("div.card", {}, kit.empty(say("no_plans"), say("no_plans_why"))));
    const asked = Getu.state.read().plan;
    const order = [...plans.filter((one) => one.code === asked), ...plans];
    mine.plan = order[0].code;
    if (!kit.plan(asked)) {
      for (const one of plans.slice(0, 6)) {
        const found = await Getu.ask(kit.address(one.code, "/allotments?state=offered&mine=true")).catch(() => ({}));
        if ((found.allotments || found.offers || []).length) {
          mine.plan = one.code;
          break;
        }
        if (one.status === "in_force") mine.plan = one.code;
      }
    }
    await read();
    draw();
  };
})();
