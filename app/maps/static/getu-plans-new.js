/* Getu 格图 · a new draft: from what, under which market rule, under which name. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const kit = Getu.kit;
  const NS = "http://www.w3.org/2000/svg";
  const WAYS = ["village", "town", "branch", "prefix", "groups", "plan", "import", "hand"];

  /* The rule as a picture: a village with a market in it, and whose the ground of the market is. */
  function picture(rule, first) {
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("viewBox", "0 0 200 92");
    svg.setAttribute("class", "rule-picture");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", say("rule_" + rule + "_is"));
    const put = (name, facts, words) => {
      const one = document.createElementNS(NS, name);
      for (const [key, value] of Object.entries(facts)) one.setAttribute(key, value);
      if (words) one.textContent = words;
      svg.append(one);
    };
    const text = (x, y, words, more) => put("text", { x, y, "text-anchor": "middle", "font-size": "12", fill: "#17232b", ...more }, words);
    if (rule === "cut") {
      put("path", { d: "M8 8H192V84H8Z M82 30H132V62H82Z", "fill-rule": "evenodd", fill: "#d5e4f5", stroke: "#1d5a9c", "stroke-width": "1.5" });
      put("rect", { x: 82, y: 30, width: 50, height: 32, fill: "#f4e3ae", stroke: "#8a5200", "stroke-width": "1.5" });
      text(107, 50, say("pic_market"));
      text(42, 50, say("pic_village"));
    } else {
      put("rect", { x: 8, y: 8, width: 184, height: 76, fill: "#d5e4f5", stroke: "#1d5a9c", "stroke-width": "1.5" });
      put("rect", { x: 82, y: 24, width: 66, height: 36, fill: "#f4e3ae", "fill-opacity": ".8", stroke: "#8a5200", "stroke-width": "1.5", "stroke-dasharray": "5 3" });
      put("rect", { x: 118, y: 42, width: 62, height: 34, fill: "#cfe8d8", "fill-opacity": ".8", stroke: "#1a6b48", "stroke-width": "1.5", "stroke-dasharray": "5 3" });
      const at = { market: [100, 38], district: [154, 70] };
      text(...at.market, say("grid_" + first[0]), { "font-size": "11" });
      text(...at.district, say("grid_" + (first[1] || first[0])), { "font-size": "11" });
      put("circle", { cx: 132, cy: 51, r: 4, fill: "#17232b" });
      text(42, 40, say("pic_village"));
      put("path", { d: "M132 51 L62 70", stroke: "#17232b", "stroke-width": "1", fill: "none" });
      text(46, 76, "→ " + say("grid_" + first[0]), { "font-size": "11", "font-weight": "700" });
    }
    return svg;
  }

  /* Lines "grid code, name, unit codes"; or a file whose heading says which column is which, a line a unit.
     Several lines of one grid are one grid. */
  const HEADS = { code: /^(网格编号|网格编码|grid_?code|grid)$/i, name: /^(网格名称|grid_?name|name|名称)$/i, units: /^(单元代码|单元编码|单元|行政村代码|unit_?codes?|units?)$/i };
  function readHeading(cells) {
    const found = Object.fromEntries(Object.entries(HEADS).map(([key, words]) => [key, cells.findIndex((cell) => words.test(cell))]));
    return found.code >= 0 && found.units >= 0 ? found : null;
  }
  function readGroups(text) {
    const groups = new Map();
    const bad = [];
    let heading = null;
    text.replace(/^\ufeff/, "").split(/\r?\n/).forEach((line, i) => {
      const cells = line.split(/[,，\t;；]/).map((one) => one.trim().replace(/^"|"$/g, ""));
      if (!cells.join("")) return;
      if (i === 0 && (heading = readHeading(cells))) return;
      const [code, name, ...units] = heading ? [cells[heading.code], cells[heading.name], cells[heading.units]] : cells;
      const codes = units.flatMap((one) => (one || "").split(/[|\s]+/)).filter(Boolean);
      if (!code || !codes.length) return bad.push(i + 1);
      const group = groups.get(code) || { code, name: name || "", unit_codes: [] };
      group.name = group.name || name || "";
      group.unit_codes.push(...codes);
      groups.set(code, group);
    });
    return { groups: [...groups.values()], bad };
  }

  function waysOf() {
    return WAYS.filter((way) => (way !== "plan" || kit.plans.length) && (way !== "import" || Getu.config.imports.length));
  }
  /* What a way asks besides, and what it sends. */
  function partOf(way) {
    if (way === "prefix") {
      const input = el("input.input", { id: "prefix", placeholder: "320614101", pattern: "[A-Za-z0-9_-]+" });
      const from = el("input.input", { id: "range-from", placeholder: say("range_from") });
      const to = el("input.input", { id: "range-to", placeholder: say("range_to") });
      return { node: el("div.col", { style: "gap:8px" }, kit.field(say("code_prefix"), input), el("div.pair", {}, kit.field(say("range_from"), from), kit.field(say("range_to"), to))), read() {
        const range = input.value.trim() ? { prefix: input.value.trim() } : { from: from.value.trim(), to: to.value.trim() };
        if (!range.prefix && !(range.from && range.to)) throw new Error(say("say_range"));
        return { code_range: range };
      } };
    }
    if (way === "groups") {
      const area = el("textarea.input.area", { id: "groups", rows: "5", spellcheck: "false", placeholder: "G01,南片,320614101201|320614101202" });
      const told = el("span.cap", { role: "status" });
      const tell = () => {
        const { groups, bad } = readGroups(area.value);
        told.textContent = area.value.trim() ? say("groups_read", { n: number(groups.length), u: number(groups.reduce((sum, one) => sum + one.unit_codes.length, 0)) }) + (bad.length ? "·" + say("groups_bad", { rows: bad.slice(0, 5).join("、") }) : "") : say("groups_how");
      };
      area.addEventListener("input", tell);
      const file = el("input", { type: "file", accept: ".csv,.txt,.tsv", id: "groups-file", class: "unseen", onchange: async () => ((area.value = file.files[0] ? await file.files[0].text() : ""), tell()) });
      tell();
      return { node: el("div.col", { style: "gap:8px" }, kit.field(say("groups_list"), area), el("div.row.wrap", {}, el("label.btn", { for: "groups-file" }, icon("file"), say("choose_file")), file, told)), read() {
        const { groups, bad } = readGroups(area.value);
        if (bad.length) throw new Error(say("groups_bad", { rows: bad.join("、") }));
        if (!groups.length) throw new Error(say("say_groups"));
        return { groups };
      } };
    }
    if (way === "plan") {
      const now = kit.inForce() || kit.plans[0];
      const pick = kit.select({ id: "from-plan" }, kit.planOptions(kit.plans), now.code);
      return { node: kit.field(say("from_plan"), pick), read: () => ({ from_plan: pick.value }) };
    }
    if (way === "import") {
      const boxes = Getu.config.imports.map((one) => el("label.row-tick", {}, el("input", { type: "checkbox", value: String(one.id), name: "import" }), el("span.grow", {}, one.name), el("span.cap", {}, say("n_units", { n: number(one.units) }) + "·" + kit.when(one.at))));
      const node = el("div.ticks", { role: "group", "aria-label": say("from_import") }, boxes);
      return { node, read() {
        const ids = [...node.querySelectorAll("input:checked")].map((one) => Number(one.value));
        if (!ids.length) throw new Error(say("say_import"));
        return { import_ids: ids };
      } };
    }
    return { node: null, read: () => (way === "hand" ? { empty: true } : { rule: way }) };
  }

  const freeCode = function () {
    let n = kit.plans.length + 1;
    while (kit.plan("V" + n)) n += 1;
    return "V" + n;
  };

  Getu.newDraft = function () {
    let way = kit.inForce() ? "plan" : "village";
    let rule = "cut";
    let order = ["market", "district", "park"];
    let part = null;
    const code = el("input.input", { id: "plan-code", value: freeCode(), maxlength: "24", pattern: "[A-Za-z0-9_\\-]{1,24}" });
    const name = el("input.input", { id: "plan-name", value: say("default_name", { year: new Date().getFullYear() + 1 }), maxlength: "80" });
    const ways = el("div.ways", { role: "radiogroup", "aria-label": say("from_what") });
    const more = el("div.way-more");
    const rules = el("div.rules", { role: "radiogroup", "aria-label": say("market_rule") });
    const firsts = el("div.firsts");
    function pick(next, focus) {
      way = next;
      part = partOf(way);
      const all = waysOf();
      ways.replaceChildren(...all.map((one) => el("button.way", { type: "button", role: "radio", "data-way": one, "aria-checked": String(one === way), tabindex: one === way ? "0" : "-1", onclick: () => pick(one, true), onkeydown: (event) => step(event, all, way, pick) }, el("b", {}, say("way_" + one)), el("span.cap", {}, say("way_" + one + "_is")))));
      more.replaceChildren(...[part.node].filter(Boolean));
      rules.parentElement && (rules.parentElement.hidden = way === "plan");
      if (focus) ways.querySelector("[aria-checked=true]").focus();
    }
    function drawRules(focus) {
      rules.replaceChildren(...["cut", "overlay"].map((one) => el("button.way.rule", { type: "button", role: "radio", "data-rule": one, "aria-checked": String(one === rule), tabindex: one === rule ? "0" : "-1", onclick: () => ((rule = one), drawRules(true)), onkeydown: (event) => step(event, ["cut", "overlay"], rule, (next) => ((rule = next), drawRules(true))) }, picture(one, order), el("b", {}, say("rule_" + one)), el("span.cap", {}, say("rule_" + one + "_is")))));
      firsts.replaceChildren(...(rule === "overlay" ? [el("span.cap", {}, say("precedence")), el("ol.order", {}, order.map((kind, i) => el("li", {}, el("b", {}, i + 1), say("grid_" + kind), el("button.btn.ghost.icon", { type: "button", "aria-label": say("move_up", { what: say("grid_" + kind) }), disabled: i === 0, onclick: () => (([order[i - 1], order[i]] = [order[i], order[i - 1]]), drawRules()) }, "↑"))), el("li.last", {}, el("b", {}, order.length + 1), say("grid_village")))] : []));
      if (focus) rules.querySelector("[aria-checked=true]").focus();
    }
    const ruleBlock = el("div", {}, el("h3", {}, say("market_rule")), rules, firsts);
    const body = el("div.body.col.new-draft", {}, el("div.pair", {}, kit.field(say("plan_code"), code), kit.field(say("plan_name"), name)), el("h3", {}, say("from_what")), ways, more, ruleBlock);
    pick(way);
    drawRules();
    kit.dialog(say("new_draft"), body, {
      wide: true,
      go: say("make_draft"),
      async submit() {
        if (!/^[A-Za-z0-9_-]{1,24}$/.test(code.value.trim())) throw new Error(say("say_code"));
        if (!name.value.trim()) throw new Error(say("say_name"));
        const facts = { code: code.value.trim(), name: name.value.trim(), ...part.read() };
        if (way !== "plan") Object.assign(facts, { market_rule: rule }, rule === "overlay" ? { precedence: order } : {});
        const plan = await Getu.send("/api/v1/plans", facts);
        await life(plan.code);
        return tellReport(plan);
      },
    });
  };
  /* What became of the units, where not every line could be used as it stood. */
  function tellReport(plan) {
    const report = plan.report || {};
    const named = (key) => (report[key] && report[key].length ? el("li", {}, el("b", {}, say("report_" + key, { n: number(report[key].length) })), " " + report[key].slice(0, 12).map((one) => one.message || one.row || one).join("、") + (report[key].length > 12 ? "…" : "")) : null);
    const rows = ["unknown_units", "twice", "no_branch", "rejected"].map(named).filter(Boolean);
    if (!rows.length) return true;
    kit.dialog(say("draft_done", { plan: plan.code }), el("div.body.col", { style: "gap:12px" }, kit.note("warn", say("report_left")), el("ul.why-list", { id: "draft-report" }, rows)));
    return false;
  }
  const life = (code) => Getu.life.again(say("draft_done", { plan: code }), code);
  function step(event, all, now, choose) {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    choose(all[(all.indexOf(now) + by + all.length) % all.length], true);
  }
  Getu.readGroups = readGroups;
})();
