/* Getu 格图 · the right column: one finding, the ways to end it, what each would move, and taking one. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number, money } = Getu;
  const config = Getu.config;

  const figure = (words, value, unit, title) => el("div", { title: title || null }, el("span", {}, words), el("b", {}, value, unit ? el("small", {}, unit) : null));
  /* Area, customers, balance, managers: what moves, before anybody says yes. */
  Getu.drawBill = function (bill) {
    if (!bill) return null;
    const [size, unit] = Getu.areaOf(bill.area_m2).split(" ").length > 1 ? [Getu.areaOf(bill.area_m2).split(" ")[0], Getu.areaOf(bill.area_m2).split(" ").slice(1).join(" ")] : [Getu.areaOf(bill.area_m2), ""];
    const balance = bill.deposit_yuan === null || bill.deposit_yuan === undefined ? null : Number(bill.deposit_yuan) + Number(bill.loan_yuan || 0);
    const [amount, scale] = money(balance).split(" ");
    const detail = balance === null ? null : say("g_deposit") + " " + money(bill.deposit_yuan) + "·" + say("g_loan") + " " + money(bill.loan_yuan);
    const people = new Set((bill.managers || []).flatMap((one) => [one.from, one.to]).map((one) => (one && one.name) || one).filter(Boolean)).size;
    return el("div.bill", {}, figure(say("g_bill_area"), size, unit), figure(say("g_bill_customers"), number(bill.customers), Getu.config.words.g_unit_customers, say("g_existing_n", { n: number(bill.existing), m: number(bill.prospects) })), figure(say("g_bill_balance"), amount, [scale, say("g_unit_yuan")].filter(Boolean).join(""), detail), figure(say("g_bill_managers"), number(people), Getu.config.words.g_unit_people));
  };
  const nameOf = (one) => (one && typeof one === "object" ? one.name : one) || say("g_nobody");
  Getu.drawBillDetail = function (bill) {
    if (!bill) return null;
    const managers = (bill.managers || []).filter((one) => nameOf(one.from) !== nameOf(one.to));
    const clients = bill.key_clients || [];
    const line = (words, value) => [el("dt", {}, words), el("dd", {}, value)];
    const moves = managers.slice(0, 4).map((one) => el("div", {}, nameOf(one.from) + " → " + nameOf(one.to) + say("g_comma") + say("g_customers_count", { n: number(one.customers) })));
    const keys = clients.slice(0, 5).map((one) => el("div", {}, [one.name || one, one.tier ? config.words["tier_" + one.tier] || one.tier : null, one.loan_yuan ? money(one.loan_yuan) : null].filter(Boolean).join("·")));
    return el("dl.kv", { id: "bill-detail" }, line(say("g_moved_managers"), moves.length ? moves : say("g_none")), line(say("g_households"), bill.households === undefined ? "—" : say("g_households_n", { n: number(bill.households) })), line(say("g_key_clients"), keys.length ? [say("g_key_n", { n: clients.length }), ...keys] : say("g_none")), line(say("g_letters"), bill.letters ? say("g_letters_n", { n: number(bill.letters) }) : say("g_none")));
  };
  Getu.drawForecast = function (forecast) {
    if (!forecast) return null;
    const ok = forecast.ok !== false && !forecast.adds;
    return el("div.note." + (ok ? "ok" : "fault"), { id: "forecast", role: "status" }, icon(ok ? "check" : "alert"), el("div", {}, Getu.tellForecast(forecast.before || {}, forecast.after || {}, forecast.adds)));
  };

  function drawOption(option, at, desk) {
    const on = at === desk.option;
    const locked = (option.touches_locked || []).length || option.touches_locked === true;
    const head = el("div.opt-h", {}, el("span.radio" + (on ? ".on" : "")), el("h4", {}, Getu.half2(option, "title")), option.recommended ? el("span.badge.brand-b", {}, say("g_recommended")) : null, locked ? el("span.badge", {}, say("g_locked")) : null, el("span.kbd", { "aria-hidden": "true" }, String(at + 1)));
    return el("div.opt", { role: "radio", "aria-checked": String(on), tabindex: on ? "0" : "-1", "data-key": option.key, onclick: () => desk.choose(at) }, head, el("p.cap", {}, Getu.half2(option, "why")), Getu.drawBill(option.bill));
  }
  function crumb(desk) {
    return el("div.panel-h", {}, el("button.btn.ghost.icon.back", { type: "button", "aria-label": say("g_back"), title: say("g_back"), onclick: () => desk.back() }, icon("left")), el("div.grow", {}, el("div.cap", { id: "finding-at" }, say("g_finding_of", { at: desk.at + 1, n: desk.rows.length })), el("h2", { id: "finding-title", tabindex: "-1" }, Getu.headlineOf(desk.finding))), el("button.btn.ghost.icon", { type: "button", "aria-label": say("g_previous"), title: say("g_previous") + " K", onclick: () => desk.stepBy(-1) }, icon("left")), el("button.btn.ghost.icon", { type: "button", "aria-label": say("g_next"), title: say("g_next") + " J", onclick: () => desk.stepBy(1) }, icon("right")));
  }
  function why(desk) {
    const row = desk.finding;
    const told = Getu.half2(row.detail || {}, "why") || config.words["why_" + row.kind];
    return el("p.cap.why", {}, [Getu.factsOf(row), row.area_m2 && row.group !== "notice" ? Getu.areaOf(row.area_m2) : null, told].filter(Boolean).join("·"));
  }

  /* A finding that has no options, or that this person may not mend: why, and who can. */
  function drawStill(desk) {
    const row = desk.finding;
    const mend = Getu.mayMend(row);
    if (row.state === "allowed") return el("div.note.ok", {}, icon("check"), el("div", {}, say("g_allowed_why")));
    if (desk.problem) return el("div.note.warn", { role: "alert" }, icon("alert"), el("div", {}, desk.problem));
    if (mend !== true) return el("div.note", { id: "not-mine" }, icon("info"), el("div", {}, mend));
    if (!desk.options) return el("div.bones", { "aria-busy": "true" }, el("span"), el("span"), el("span"));
    if (row.group === "notice") return el("div.note", {}, icon("info"), el("div", {}, config.words["g_todo_" + row.kind] || say("g_todo_hand")));
    return desk.options.length ? null : el("div.note.warn", {}, icon("alert"), el("div", {}, say("g_no_options")));
  }
  function drawActs(desk) {
    const row = desk.finding;
    const mend = Getu.mayMend(row) === true;
    const option = desk.options && desk.options[desk.option];
    const acts = [];
    if (option && mend) acts.push(el("button.btn.lg.pri.grow", { type: "button", id: "apply", disabled: desk.busy, "aria-keyshortcuts": "Enter", onclick: () => desk.apply() }, say(desk.busy ? "g_applying" : "g_apply")));
    if (row.severity === "confirm" && row.state === "open" && config.may_plan) acts.push(el("button.btn.lg" + (option ? "" : ".pri.grow"), { type: "button", id: "allow", onclick: () => desk.allow() }, say("g_allow")));
    if (mend) acts.push(el("button.btn.lg" + (acts.length ? "" : ".grow"), { type: "button", id: "by-hand", "aria-keyshortcuts": "E", onclick: () => Getu.editing.enter() }, say("g_by_hand")));
    if (desk.mayUndo()) acts.push(el("button.btn.lg.icon", { type: "button", id: "undo", "aria-label": say("g_undo"), title: say("g_undo") + " Z", "aria-keyshortcuts": "Z", onclick: () => desk.undo() }, icon("undo")));
    return acts;
  }

  Getu.drawFinding = function (desk) {
    const place = Getu.find("#side");
    const inside = document.activeElement && document.activeElement.getAttribute && document.activeElement.getAttribute("role") === "radio";
    const scrolled = place.querySelector(".side-scroll") ? place.querySelector(".side-scroll").scrollTop : 0;
    const option = desk.options && desk.options[desk.option];
    const cards = desk.options && desk.options.length ? el("div.opts", { role: "radiogroup", "aria-label": say("g_options") }, desk.options.map((one, at) => drawOption(one, at, desk))) : null;
    const told = option ? [Getu.drawForecast(option.forecast), Getu.drawBillDetail(option.bill)] : [];
    const body = el("div.side-scroll", {}, [why(desk), drawStill(desk), cards, ...told, Getu.drawRecord(desk)].filter(Boolean));
    place.replaceChildren(crumb(desk), body, el("div.side-foot", {}, drawActs(desk)));
    body.scrollTop = scrolled;
    if (inside) {
      const card = place.querySelector('[role="radio"][aria-checked="true"]');
      if (card) card.focus({ preventScroll: true });
    }
    if (desk.mode !== "edit") Getu.ground.preview(option ? option.changes : [], []);
  };

  /* No finding is open: the plan as a whole, and what was done to it. */
  Getu.drawOverview = function (desk) {
    const place = Getu.find("#side");
    const clean = !desk.rows0.some((row) => row.state === "open" && row.severity !== "harmless");
    const calm = (config.whole || Getu.grids.size()) && desk.fresh !== false && desk.checkedAt && clean;
    const note = calm ? el("div.note.ok", {}, icon("check"), el("div", {}, say("g_calm"))) : el("p.cap", {}, desk.rows.length ? say("g_pick_one") : "");
    const mend = config.may_plan || (config.may_divide && Getu.grids.size());
    const reason = mend || config.may_divide ? null : el("div.note", { id: "read-only" }, icon("info"), el("div", {}, say(config.plan.status === "draft" || config.plan.status === "checked" ? "g_read_only" : "g_closed")));
    const acts = [];
    if (desk.rows.length) acts.push(el("button.btn.lg.grow" + (mend ? ".pri" : ""), { type: "button", id: "first", onclick: () => desk.stepBy(1) }, say("g_first")));
    if (mend) acts.push(el("button.btn.lg.grow", { type: "button", id: "by-hand", onclick: () => Getu.editing.enter() }, say("g_by_hand")));
    if (desk.mayUndo()) acts.push(el("button.btn.lg.icon", { type: "button", id: "undo", "aria-label": say("g_undo"), title: say("g_undo") + " Z", onclick: () => desk.undo() }, icon("undo")));
    place.replaceChildren(el("div.panel-h", {}, el("div.grow", {}, el("div.cap", {}, config.plan.name), el("h2", { id: "finding-title" }, say("g_whole_plan")))), el("div.side-scroll", {}, [note, reason, Getu.drawRecord(desk)].filter(Boolean)), el("div.side-foot", {}, acts));
    Getu.ground.preview([], []);
  };
})();
