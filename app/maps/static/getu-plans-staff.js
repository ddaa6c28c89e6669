/* Getu 格图 · changes of people: who, from when, who takes over, the bill, then applied; a list that can be undone. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const kit = Getu.kit;
  const API = "/api/v1/staffing-changes";
  const STEPS = ["who", "when", "instead", "bill"];
  const KINDS = Getu.config.role === "head" ? ["leave", "departure", "branch_merge"] : ["leave", "departure"];
  const blank = () => ({ step: 0, kind: "leave", who: "", branch: "", into: "", from: kit.inDays(1), to: kit.inDays(7), choices: {}, reason: "", preview: null });
  let wish = blank();
  let changes = [];

  const managers = () => Getu.config.staff.filter((one) => one.kind === "manager");
  const merge = () => wish.kind === "branch_merge";
  const whose = () => (merge() ? wish.branch : wish.who);

  function drawSteps() {
    return el("ol.steps", {}, STEPS.map((key, i) => el("li" + (i < wish.step ? ".done" : i === wish.step ? ".now" : ""), i === wish.step ? { "aria-current": "step" } : {}, el("span.n", {}, i < wish.step ? icon("check") : i + 1), el("span.name", {}, say("st_" + key)))));
  }
  const told = el("div", { id: "staff-told" });
  function go(by) {
    wish.step += by;
    told.replaceChildren();
    draw();
    const first = Getu.find("#staff-form").querySelector("select,input,button");
    if (first) first.focus();
  }
  const foot = (next, more) => el("div.dialog-foot", {}, wish.step ? kit.button(say("back"), () => go(-1), { id: "staff-back" }) : null, more || null, next);

  /* 1 · what happens, and to whom */
  function drawWho() {
    const kinds = el("div.seg.kinds", {}, KINDS.map((key) => el("button", { type: "button", "data-kind": key, "aria-pressed": String(wish.kind === key), onclick: () => ((wish.kind = key), draw()) }, say("sc_" + key))));
    const branches = Getu.config.branches.map((one) => [one.code, one.name]);
    const who = merge()
      ? kit.select({ id: "staff-branch", onchange: () => (wish.branch = who.value) }, [["", say("choose")], ...branches], wish.branch)
      : kit.select({ id: "staff-who", onchange: () => (wish.who = who.value) }, [["", say("choose")], ...managers().map((one) => [one.code, one.name + " " + one.code + "·" + one.branch])], wish.who);
    const into = merge() ? kit.select({ id: "staff-into", onchange: () => (wish.into = into.value) }, [["", say("choose")], ...branches], wish.into) : null;
    const next = () => (whose() && (!merge() || wish.into) ? go(1) : told.replaceChildren(kit.note("warn", say(merge() ? "say_branches" : "say_who"))));
    return [kinds, el("p.cap", {}, say("sc_" + wish.kind + "_is")), el(into ? "div.pair" : "div", {}, kit.field(say(merge() ? "which_branch" : "which_person"), who), into ? kit.field(say("into_branch"), into) : null), foot(kit.button(say("next"), next, { id: "staff-next", look: "pri" }))];
  }
  /* 2 · from when to when */
  function drawWhen() {
    const from = el("input.input", { type: "date", id: "staff-from", value: wish.from, onchange: () => (wish.from = from.value) });
    const to = el("input.input", { type: "date", id: "staff-to", value: wish.to, onchange: () => (wish.to = to.value) });
    const why = el("input.input", { id: "staff-reason", maxlength: "200", value: wish.reason, oninput: () => (wish.reason = why.value) });
    const next = kit.button(say("next"), () => {
      Object.assign(wish, { from: from.value, to: to.value });
      if (!wish.from) return told.replaceChildren(kit.note("warn", say("say_day")));
      if (wish.kind === "leave" && wish.to && wish.to < wish.from) return told.replaceChildren(kit.note("warn", say("say_span")));
      return kit.press(next, async () => (await preview(), go(1)), told);
    }, { id: "staff-next", look: "pri" });
    return [el("div.pair", {}, kit.field(say("first_day"), from), wish.kind === "leave" ? kit.field(say("last_day"), to, say("last_day_hint")) : null), kit.field(say("why_optional"), why), foot(next)];
  }
  /* The last day of a leave is the last day away; the API is told the first day back. */
  const shift = (text, days) => kit.day(new Date(new Date(text + "T12:00:00").getTime() + days * 864e5));
  function facts() {
    const body = { kind: wish.kind, valid_from: wish.from, reason: wish.reason.trim() || null };
    if (merge()) return { ...body, branch: wish.branch, into: wish.into };
    const to = wish.kind === "leave" && wish.to ? { valid_to: shift(wish.to, 1) } : {};
    return { ...body, staff: wish.who, ...to, choices: wish.choices };
  }
  /* Each look at the bill is a change worked out and kept: the one before it is put aside. */
  async function preview() {
    const before = wish.preview;
    wish.preview = await Getu.send(API, facts());
    if (before) await Getu.send(API + "/" + before.id + "/cancel").catch(() => null);
  }
  /* One line a grid, also where it stands in the plan in force and in drafts made from it. */
  const primary = (change) => [...new Map((change.lines || []).filter((line) => line.role === "primary").reverse().map((line) => [line.grid_code, line])).values()].reverse();

  /* 3 · who takes over: as proposed, one person for all, or grid by grid */
  function drawInstead() {
    const lines = primary(wish.preview);
    const next = kit.button(say("see_bill"), () => kit.press(next, async () => (await preview(), go(1)), told), { id: "staff-next", look: "pri" });
    if (merge()) return [el("p", {}, say("merge_n", { n: number(lines.length), m: number((wish.preview.people || []).length) })), people(wish.preview), foot(next)];
    if (!lines.length) return [kit.note("", say("holds_none")), foot(next)];
    const known = new Map(lines.flatMap((line) => line.candidates || []).map((one) => [one.code, one]));
    const all = kit.select({ id: "staff-all", onchange: () => ((wish.choices = all.value ? Object.fromEntries(lines.map((line) => [line.grid_code, all.value])) : {}), draw()) }, [["", say("as_proposed")], ...[...known.values()].map((one) => [one.code, tellOne(one)])], sameForAll(lines));
    const rows = lines.map((line) => {
      const code = line.grid_code;
      const pick = kit.select({ "aria-label": say("takes_over") + " " + code, "data-line": code, onchange: () => (pick.value === "@" ? delete wish.choices[code] : (wish.choices[code] = pick.value || null)) }, [["@", line.to ? line.to.name + "（" + whyOf(line) + "）" : say("vacant")], ...(line.candidates || []).filter((one) => !line.to || one.code !== line.to.code || code in wish.choices).map((one) => [one.code, tellOne(one)]), ["", say("vacant")]], code in wish.choices ? wish.choices[code] || "" : "@");
      pick.classList.add("small");
      return el("tr", {}, el("td", {}, code, el("span.cap.block-line", {}, line.grid_name || "")), el("td.num", {}, number(line.customers)), el("td", {}, pick));
    });
    return [el("p", {}, say("holds_n", { n: number(lines.length) })), kit.field(say("replacement"), all), el("div.table-scroll.tall", {}, el("table.dense", {}, el("thead", {}, el("tr", {}, el("th", {}, say("grid")), el("th.num", {}, say("bill_customers")), el("th", {}, say("takes_over")))), el("tbody", {}, rows))), foot(next)];
  }
  const whyOf = (line) => line[Getu.config.lang === "zh" ? "why_zh" : "why_en"] || say("as_proposed");
  const tellOne = (one) => one.name + " " + one.code + (one.customers !== undefined && one.customers !== null ? "·" + say("n_customers", { n: number(one.customers) }) : "");
  function sameForAll(lines) {
    const chosen = new Set(lines.map((line) => wish.choices[line.grid_code] || ""));
    return chosen.size === 1 ? [...chosen][0] : "";
  }
  const people = (change) => ((change.people || []).length ? el("details.bill-more", {}, el("summary", {}, say("people_move", { n: change.people.length })), el("ul", {}, change.people.map((one) => el("li", {}, el("span", {}, one.name), el("span.cap", {}, one.code))))) : null);

  /* 4 · the bill, then it is done */
  function drawBill() {
    const change = wish.preview;
    const lines = primary(change);
    const apply = kit.button(say(merge() ? "make_merge" : "apply"), () => kit.press(apply, async () => {
      await Getu.send(API + "/" + change.id + "/apply");
      wish = blank();
      await kit.loadPlans();
      await again(say("applied_done"), () => undo(change.id));
    }, told), { id: "staff-apply", look: "pri" });
    const moves = lines.length ? el("ul.moves", { id: "staff-moves" }, lines.slice(0, 100).map((one) => el("li", {}, el("b", {}, one.grid_code), el("span", {}, one.grid_name || ""), el("span.grow"), el("span", {}, merge() ? kit.branchName(wish.into) : kit.person(one.from) + " → " + kit.person(one.to))))) : null;
    const vacant = change.bill.vacant;
    return [kit.bill(change.bill, { grids: change.bill.grids }), kit.billManagers(change.bill), vacant ? kit.note("warn", say("left_open", { n: number(vacant) })) : null, merge() ? kit.note("", say("merge_how")) : null, people(change), moves, foot(apply, kit.button(say("keep_draft"), () => ((wish = blank()), again(say("kept_draft"))), { id: "staff-keep" }))];
  }
  function draw() {
    const parts = [drawWho, drawWhen, drawInstead, drawBill][wish.step]();
    Getu.find("#staff-form").replaceChildren(el("header", {}, el("h2", {}, say("staff_new")), el("span.cap", {}, whose() ? (merge() ? kit.branchName(wish.branch) : kit.staffName(wish.who)) : "")), el("div.body.col", { style: "gap:12px" }, drawSteps(), ...parts.filter(Boolean), told));
    document.documentElement.dataset.step = STEPS[wish.step];
  }

  /* What is planned and what was done, as a list and as a calendar of absences */
  const LOOK = { draft: "info", applied: "ok", undone: "", cancelled: "" };
  const subject = (one) => (one.kind === "branch_merge" ? (one.branch || {}).name + " → " + (one.into || {}).name : (one.staff || {}).name || "—");
  const lastDay = (one) => (one.valid_to ? shift(one.valid_to, -1) : null);
  function drawCalendar() {
    const start = new Date();
    start.setDate(1);
    const days = 62;
    const first = kit.day(start);
    const at = (text) => Math.max(0, Math.min(days, Math.round((new Date(text + "T12:00:00") - new Date(first + "T12:00:00")) / 864e5)));
    const rows = changes.filter((one) => one.state === "applied" && one.kind !== "branch_merge" && (!one.valid_to || one.valid_to > first) && at(one.valid_from) < days);
    if (!rows.length) return el("p.cap.calendar-none", {}, say("nobody_away"));
    const months = [0, 1].map((n) => {
      const month = new Date(start.getFullYear(), start.getMonth() + n, 1);
      return el("span", { style: "left:" + (100 * at(kit.day(month))) / days + "%" }, month.getFullYear() + "-" + String(month.getMonth() + 1).padStart(2, "0"));
    });
    const today = el("i.today", { style: "left:" + (100 * at(kit.today())) / days + "%", title: say("today") });
    return el("div.calendar", { role: "img", "aria-label": say("calendar") }, el("div.months", {}, months), el("div.lanes", {}, today, rows.map((one) => {
      const [a, b] = [at(one.valid_from), one.valid_to ? at(one.valid_to) : days];
      return el("div.lane", {}, el("span.who", {}, subject(one)), el("div.track-line", {}, el("i." + one.kind, { style: "left:" + (100 * a) / days + "%;width:" + Math.max(1.2, (100 * (b - a)) / days) + "%", title: kit.span(one.valid_from, lastDay(one)) })));
    })));
  }
  const ask = (one, act, body) => Getu.send(API + "/" + one.id + "/" + act, body);
  function comeBack(one) {
    const [first, last] = [shift(one.valid_from, 1), lastDay(one)];
    const soonest = kit.today() < first ? first : kit.today();
    const day = el("input.input", { type: "date", id: "back-on", value: last && soonest > last ? last : soonest, min: first, max: last });
    kit.dialog(say("back_q", { who: subject(one) }), el("div.body", {}, kit.field(say("back_on"), day)), { go: say("back_early"), async submit() {
      if (!day.value) throw new Error(say("say_day"));
      await ask(one, "back", { on: day.value });
      await again(say("back_done"));
    } });
  }
  function drawChanges() {
    const rows = changes.filter((one) => one.state !== "cancelled").map((one) => {
      const place = el("div");
      const may = one.may || {};
      const button = (key, act, words, more) => kit.button(say(key), (event) => kit.press(event.currentTarget, async () => (await ask(one, act), await kit.loadPlans(), await again(say(words), act === "apply" && one.stage === "prepared" ? () => undo(one.id) : null)), place), more);
      const acts = [
        may.apply ? button(one.stage === "people_to_move" ? "move_people" : "apply", "apply", "applied_done", { look: "pri" }) : null,
        may.cancel ? button("drop_draft", "cancel", "cancelled_done") : null,
        may.back ? kit.button(say("back_early"), () => comeBack(one)) : null,
        may.undo ? button("undo", "undo", "undone_done", { sign: "undo" }) : null,
        one.plan && Getu.config.tabs.includes("life") ? kit.button(say("see_plan", { plan: one.plan }), () => Getu.openTab("life", { plan: one.plan })) : null,
      ].filter(Boolean);
      const bill = one.bill || {};
      const days = one.kind === "leave" ? kit.span(one.valid_from, lastDay(one) || say("not_known_yet")) : say("from_day", { day: one.valid_from });
      const state = one.stage === "waiting_for_plan" || one.stage === "people_to_move" ? kit.badge("warn", say("stage_" + one.stage)) : kit.badge(LOOK[one.state], say("sc_state_" + one.state));
      return el("article.change", { "data-id": one.id, "data-state": one.state }, el("div.between", {}, el("b", {}, subject(one)), el("span.row", {}, kit.badge("", say("sc_" + one.kind)), state)), el("span.cap", {}, [days, bill.grids !== undefined ? say("n_grids", { n: number(bill.grids) }) : "", bill.customers !== undefined ? say("n_customers", { n: number(bill.customers) }) : "", one.reason || ""].filter(Boolean).join("·")), acts.length ? el("div.row.wrap", {}, acts) : null, place);
    });
    Getu.find("#staff-list").replaceChildren(el("header", {}, el("h2", {}, say("staff_list"))), drawCalendar(), drawVacant(), el("div.changes", {}, rows.length ? rows : kit.empty(say("no_changes"), say("no_changes_why"))));
  }
  /* The alarm: grids of the plan in force that have or will have nobody. */
  let vacant = null;
  function drawVacant() {
    if (!vacant) return null;
    const rows = vacant.vacant;
    if (!rows.length) return el("div.vacancies", {}, kit.note("ok", say("nobody_missing")));
    return el("div.vacancies", {}, kit.note("warn", say("missing_n", { n: number(rows.length), plan: vacant.plan })), el("ul.bill-more", {}, rows.slice(0, 30).map((one) => el("li", {}, el("span", {}, one.grid_code + " " + one.grid_name), el("span.cap", {}, [one.branch_name, one[Getu.config.lang === "zh" ? "why_zh" : "why_en"], kit.span(one.from, one.to)].filter(Boolean).join("·"))))));
  }
  async function readVacant() {
    const now = kit.inForce();
    vacant = now ? await Getu.ask(kit.address(now.code, "/vacancies?days=30")).catch(() => null) : null;
  }
  async function undo(id) {
    try {
      await Getu.send(API + "/" + id + "/undo");
      await again(say("undone_done"));
    } catch (error) {
      kit.toast(error.message);
    }
  }
  async function again(words, act) {
    await Promise.all([readVacant(), Getu.ask(API).then((answer) => (changes = answer.changes))]);
    draw();
    drawChanges();
    if (words) kit.toast(words, act ? say("undo") : null, act);
  }
  Getu.parts = Getu.parts || {};
  Getu.parts.staff = async function (place) {
    place.replaceChildren(el("section.card", { id: "staff-form" }), el("section.card", { id: "staff-list" }));
    draw();
    await again("");
  };
})();
