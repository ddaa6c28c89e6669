/* Getu 格图 · what is different between two plans: the bill, the map of ground that changes hands, the list. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const kit = Getu.kit;
  const MOVED = { fill: "#e3a445", edge: "#6b3f00", dash: null, sign: "⇄" };
  const NEW = { fill: "#8fb8e0", edge: "#1d5a9c", dash: null, sign: "＋" };
  const GONE = { fill: "#c9d3d8", edge: "#40505b", dash: "4 4", sign: "−" };
  const LOOKS = { moved: MOVED, new: NEW, gone: GONE };
  const PALE = { fillColor: "#f4f6f3", fillOpacity: 1, color: "#c9d3d8", weight: 0.8, dashArray: null };
  const state = { before: "", after: "", data: null, shapes: [], base: [], sort: "area", down: true, branch: "", branches: new Map(), chosen: "" };
  let ground = null;

  const kindOf = (props) => (props.from ? (props.to ? "moved" : "gone") : "new");
  const codeOf = (props, side) => (props[side] ? props[side].code : "");
  const named = (props, side) => (props[side] ? [props[side].code, props[side].name, props[side].manager ? "（" + props[side].manager + "）" : ""].filter(Boolean).join(" ") : say("no_grid"));

  async function grids(code) {
    return (await Getu.ask(kit.address(code, "/outlines")).catch(() => ({ features: [] }))).features;
  }
  let turn = 0;
  async function read() {
    const mine = ++turn;
    Getu.state.write({ before: state.before, after: state.after });
    const place = Getu.find("#diff-body");
    delete document.documentElement.dataset.diff;
    if (!state.before || !state.after || state.before === state.after) return place.replaceChildren(el("div.card", {}, kit.empty(say("diff_same"), say("diff_same_why"))));
    place.replaceChildren(el("div.card", {}, kit.bones()));
    try {
      const way = kit.address(state.before, "/diff/" + encodeURIComponent(state.after));
      const [data, shapes, base] = await Promise.all([Getu.ask(way), Getu.ask(way + ".geojson"), grids(state.after)]);
      if (mine !== turn) return;
      Object.assign(state, { data, shapes: shapes.features || [], base, chosen: "" });
      readBranches();
      draw(place);
    } catch (error) {
      if (mine === turn) place.replaceChildren(kit.why(error));
    }
    document.documentElement.dataset.diff = state.before + ">" + state.after;
  }

  /* The list: sorted by a click on a heading, cut by branch. */
  const branchesOf = (row) => [...new Set([...(row.facts.branch_code || []), ...(state.branches.get(row.code) || [])])].filter(Boolean);
  /* Which branches a grid is of: as the ground that moves says, and as the plan it comes to. */
  function readBranches() {
    state.branches = new Map(state.base.map((one) => [one.properties.code, [one.properties.branch_code]]));
    for (const { properties } of state.shapes) for (const side of [properties.from, properties.to]) if (side) state.branches.set(side.code, [...(state.branches.get(side.code) || []), side.branch_code]);
  }
  const COLUMNS = [
    ["code", (row) => row.code],
    ["change", (row) => row.change],
    ["area", (row) => row.gained_m2 + row.lost_m2],
    ["branch", (row) => branchesOf(row).map(kit.branchName).join()],
  ];
  function factsOf(row) {
    const facts = Object.entries(row.facts || {}).map(([key, [a, b]]) => say("fact_" + key) + " " + (key === "branch_code" ? kit.branchName(a) + " → " + kit.branchName(b) : (a || "—") + " → " + (b || "—")));
    if (row.gained_m2 >= 1) facts.unshift(say("gained", { a: kit.hectares(row.gained_m2) }));
    if (row.lost_m2 >= 1) facts.unshift(say("lost", { a: kit.hectares(row.lost_m2) }));
    return facts.join("·");
  }
  const SHOWN = 300;
  function drawTable() {
    const read = COLUMNS.find(([key]) => key === state.sort)[1];
    const rows = state.data.changes.filter((row) => !state.branch || branchesOf(row).includes(state.branch)).sort((a, b) => {
      const [x, y] = [read(a), read(b)];
      return (x < y ? -1 : x > y ? 1 : 0) * (state.down ? -1 : 1) || (a.code < b.code ? -1 : 1);
    });
    const heads = COLUMNS.map(([key]) => el("th" + (key === "area" ? ".num" : ""), { "aria-sort": state.sort === key ? (state.down ? "descending" : "ascending") : "none" }, el("button.link", { type: "button", "data-sort": key, onclick: () => ((state.down = state.sort === key ? !state.down : key === "area"), (state.sort = key), drawTable()) }, say("h_" + key) + (state.sort === key ? (state.down ? " ↓" : " ↑") : ""))));
    const body = rows.slice(0, SHOWN).map((row) => el("tr" + (row.code === state.chosen ? ".sel" : ""), { "data-code": row.code }, el("td", {}, el("button.link", { type: "button", onclick: () => choose(row.code, true) }, row.code), el("span.cap.block-line", {}, row.name)), el("td", {}, kit.badge({ new: "info", gone: "", changed: "warn" }[row.change], say("change_" + row.change))), el("td.num", {}, row.gained_m2 + row.lost_m2 >= 1 ? kit.hectares(row.gained_m2 + row.lost_m2) : "—"), el("td.long", {}, el("span.block-line", {}, branchesOf(row).map(kit.branchName).join("、") || "—"), el("span.cap", {}, factsOf(row)))));
    Getu.find("#diff-rows").replaceChildren(el("table.dense", {}, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, body)));
    Getu.find("#diff-count").textContent = say("rows_of", { n: number(Math.min(rows.length, SHOWN)), of: number(rows.length) });
  }
  function choose(code, zoom) {
    state.chosen = code;
    const touched = state.shapes.filter((one) => codeOf(one.properties, "from") === code || codeOf(one.properties, "to") === code || one.properties.code === code);
    ground.mark(touched, { color: "#074853", weight: 3, fill: false });
    if (zoom && touched.length) ground.fit(L.geoJSON({ type: "FeatureCollection", features: touched }).getBounds().pad(0.6));
    drawTable();
    tell(touched);
    const row = document.querySelector("#diff-rows tr.sel");
    if (row && !zoom) row.scrollIntoView({ block: "nearest" });
  }
  function tell(features) {
    const place = Getu.find("#diff-told");
    place.replaceChildren(...features.slice(0, 6).map((one) => {
      const p = one.properties;
      return el("div.moved", {}, el("b", {}, named(p, "from") + " → " + named(p, "to")), el("span.cap", {}, [p.area_m2 !== undefined ? kit.hectares(p.area_m2) : "", p.customers !== undefined ? say("n_customers", { n: number(p.customers) }) : ""].filter(Boolean).join("·")));
    }));
    place.hidden = !features.length;
  }

  function drawMap(frame) {
    ground = Getu.makeGroundMap(frame, {
      name: say("diff_map", { a: state.before, b: state.after }),
      look: (props) => {
        if (props.is_base) return PALE;
        const look = LOOKS[kindOf(props)];
        return { fillColor: look.fill, fillOpacity: 0.9, color: look.edge, weight: 1.5, dashArray: look.dash };
      },
      tip: (props) => (props.is_base ? props.code + " " + props.name : named(props, "from") + " → " + named(props, "to")),
      click: (props, feature) => {
        if (props.is_base) return choose(props.code);
        choose(codeOf(props, "to") || codeOf(props, "from"));
        tell([feature]);
      },
    });
    const base = state.base.map((one) => ({ ...one, properties: { ...one.properties, is_base: true } }));
    ground.show([...base, ...state.shapes]);
    state.ground = ground;
  }
  function draw(place) {
    const { data } = state;
    const totals = data.totals || {};
    const bill = data.bill || {};
    const grids = data.changes.length;
    if (!grids) return place.replaceChildren(el("div.card", {}, kit.empty(say("diff_none"), say("diff_none_why"))));
    const counts = {};
    for (const one of state.shapes) counts[kindOf(one.properties)] = (counts[kindOf(one.properties)] || 0) + 1;
    const frame = el("div.map.diff-map");
    const way = kit.address(state.before, "/diff/" + encodeURIComponent(state.after));
    const branches = [...new Set(data.changes.flatMap(branchesOf).filter(Boolean))].sort();
    const cut = kit.select({ id: "diff-branch", "aria-label": say("branch"), onchange: () => ((state.branch = cut.value), drawTable()) }, [["", say("all_of_branches")], ...branches.map((code) => [code, kit.branchName(code)])], state.branch);
    place.replaceChildren(
      el("section.card.diff-bill", {}, el("header", {}, el("h3", {}, say("diff_bill")), el("span.cap", {}, say("diff_counts", { n: number(totals.new), g: number(totals.gone), c: number(totals.changed) }))), kit.bill(bill, { grids }), kit.billManagers(bill)),
      el("div.diff-pair", {},
        el("section.card.diff-where", {}, frame, el("div.map-foot", {}, Getu.drawLegend(Object.keys(LOOKS), LOOKS, (key) => say("moved_" + key), counts)), el("div.diff-told", { id: "diff-told", role: "status", hidden: true })),
        el("section.card.diff-list", {}, el("header", {}, el("h3", {}, say("diff_list")), el("div.row", {}, cut)), el("div.table-scroll.tall", { id: "diff-rows" }), el("div.card-foot.between", {}, el("span.cap", { id: "diff-count" }), el("div.row", {}, el("a.btn", { id: "diff-geojson", href: way + ".geojson", download: "diff-" + state.before + "-" + state.after + ".geojson" }, icon("download"), "GeoJSON"), kit.button("CSV", saveCsv, { id: "diff-csv", sign: "download" }))))));
    drawMap(frame);
    drawTable();
  }
  /* A cell that begins like a formula is made text: a spreadsheet must not run it. */
  const cell = (value) => '"' + String(value === null || value === undefined ? "" : value).replace(/^([=+\-@\t])(?=\D)/, "'$1").replace(/"/g, '""') + '"';
  function saveCsv() {
    const head = ["code", "name", "change", "gained_m2", "lost_m2", "branch", "facts"];
    const lines = state.data.changes.map((row) => [row.code, row.name, row.change, Math.round(row.gained_m2 * 10) / 10, Math.round(row.lost_m2 * 10) / 10, branchesOf(row).map(kit.branchName).join("、"), factsOf(row)].map(cell).join(","));
    const blob = new Blob(["\ufeff" + head.map((key) => cell(say("csv_" + key))).join(",") + "\r\n" + lines.join("\r\n") + "\r\n"], { type: "text/csv" });
    const link = el("a", { href: URL.createObjectURL(blob), download: "diff-" + state.before + "-" + state.after + ".csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  Getu.diffState = state;
  Getu.parts = Getu.parts || {};
  Getu.parts.diff = async function (place, asked) {
    const said = { ...Getu.state.read(), ...asked };
    const now = kit.inForce();
    const other = kit.plans.find((one) => one !== now);
    if (kit.plans.length < 2) return place.replaceChildren(el("div.card", {}, kit.empty(say("diff_two"), say("diff_two_why"))));
    state.before = kit.plan(said.before) ? said.before : (now || kit.plans[1]).code;
    state.after = kit.plan(said.after) ? said.after : (kit.plans.find((one) => one.code !== state.before && one !== now) || other).code;
    const a = kit.select({ id: "diff-before", onchange: () => ((state.before = a.value), read()) }, kit.planOptions(kit.plans), state.before);
    const b = kit.select({ id: "diff-after", onchange: () => ((state.after = b.value), read()) }, kit.planOptions(kit.plans), state.after);
    const swap = kit.button("⇄", () => (([state.before, state.after] = [state.after, state.before]), (a.value = state.before), (b.value = state.after), read()), { title: say("swap") });
    swap.setAttribute("aria-label", say("swap"));
    place.replaceChildren(el("div.card.diff-pick", {}, kit.field(say("diff_from"), a), swap, kit.field(say("diff_to"), b)), el("div.col", { id: "diff-body", style: "gap:16px" }));
    await read();
  };
  Getu.parts.diff.shown = () => ground && ground.fit();
})();
