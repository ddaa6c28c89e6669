/* Getu 格图 · changes of people: who, from when, who takes over, the bill, then applied; a list that can be undone. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const kit = Getu.kit;
  const API = "/api/v1/staffing-changes";
  const STEPS = ["who", "when", "instead", "bill"];
  const KINDS = Getu.config.role === "head" ? ["leave", "departure", "branch_merge"] : ["leave", "departure"];
  const blank = () => ({ step: 0, kind: "leave", who: "", branch: "", from: kit.inDays(1), to: kit.inDays(8), into: "", each: false, choices: {}, reason: "", preview: null });
  let wish = blank();
  let changes = [];
  let people = [];

  const people_ = () => Getu.config.staff.filter((one) => one.kind === "manager");
  const nameOf = (one) => (one ? one.name + " " + one.code : "—");
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
    const who = merge()
      ? kit.select({ id: "staff-branch", onchange: () => (wish.branch = who.value) }, [["", say("choose")], ...Getu.config.branches.map((one) => [one.code, one.name])], wish.branch)
      : kit.select({ id: "staff-who", onchange: () => (wish.who = who.value) }, [["", say("choose")], ...people_().map((one) => [one.code, one.name + " " + one.code + "·" + one.branch])], wish.who);
    return [kinds, el("p.cap", {}, say("sc_" + wish.kind + "_is")), kit.field(say(merge() ? "which_branch" : "which_person"), who), foot(kit.button(say("next"), () => (whose() ? go(1) : told.replaceChildren(kit.note("warn", say("say_who")))), { id: "staff-next", look: "pri" }))];
  }
  /* 2 · from when to when */
  function drawWhen() {
    const from = el("input.input", { type: "date", id: "staff-from", value: wish.from, onchange: () => (wish.from = from.value) });
    const to = el("input.input", { type: "date", id: "staff-to", value: wish.to, onchange: () => (wish.to = to.value) });
    const why = el("input.input", { id: "staff-reason", maxlength: "200", value: wish.reason, oninput: () => (wish.reason = why.value) });
    const next = kit.button(say("next"), () => {
      Object.assign(wish, { from: from.value, to: to.value });
      if (!wish.from) return told.replaceChildren(kit.note("warn", say("say_day")));
      if (wish.kind === "leave" && (!wish.to || wish.to < wish.from)) return told.replaceChildren(kit.note("warn", say("say_span")));
      return kit.press(next, preview, told).then(() => wish.preview && go(1));
    }, { id: "staff-next", look: "pri" });
    return [el("div.pair", {}, kit.field(say("first_day"), from), wish.kind === "leave" ? kit.field(say("last_day"), to) : null), kit.field(say("why_optional"), why), foot(next)];
  }
  /* The last day of a leave is the last day away; the API is told the first day back. */
  const dayAfter = (text) => kit.day(new Date(new Date(text + "T12:00:00").getTime() + 864e5));
  function facts() {
    const body = { kind: wish.kind, valid_from: wish.from, reason: wish.reason.trim() || null };
    if (merge()) body.branch = wish.branch;
    else body.staff = wish.who;
    if (wish.kind === "leave") body.valid_to = dayAfter(wish.to);
    if (wish.into) body.into = wish.into;
    const choices = Object.fromEntries(Object.entries(wish.choices).filter(([, code]) => code));
    if (wish.each && Object.keys(choices).length) body.choices = choices;
    return body;
  }
  async function preview() {
    if (wish.preview && wish.preview.id) await Getu.send(API + "/" + wish.preview.id + "/cancel").catch(() => null);
    wish.preview = null;
    wish.preview = await Getu.send(API, facts());
    people = wish.preview.people || wish.preview.candidates || people;
    return wish.preview;
  }
  const gridsOf = (change) => change.grids || (change.bill && change.bill.rows) || [];

  /* 3 · who takes over: one person for all, or grid by grid */
  function drawInstead() {
    const grids = gridsOf(wish.preview || {});
    const own = people_().find((one) => one.code === wish.who);
    const near = people_().filter((one) => one.code !== wish.who && (!own || one.branch_code === own.branch_code));
    const options = merge() ? Getu.config.branches.filter((one) => one.code !== wish.branch).map((one) => [one.code, one.name]) : near.map((one) => [one.code, nameOf(one)]);
    const into = kit.select({ id: "staff-into", onchange: () => (wish.into = into.value) }, [["", merge() ? say("choose") : say(wish.kind === "leave" ? "into_backup" : "into_each")], ...options], wish.into);
    const each = merge() || !grids.length ? null : el("label.row-tick", {}, el("input", { type: "checkbox", id: "staff-each", checked: wish.each, onchange: (event) => ((wish.each = event.target.checked), draw()) }), say("grid_by_grid"));
    const rows = wish.each && !merge() ? el("div.table-scroll.tall", {}, el("table.dense", {}, el("thead", {}, el("tr", {}, el("th", {}, say("grid")), el("th.num", {}, say("bill_customers")), el("th", {}, say("takes_over")))), el("tbody", {}, grids.map((one) => {
      const code = one.code || one.grid_code || one.grid;
      const pick = kit.select({ "aria-label": say("takes_over") + " " + code, onchange: () => (wish.choices[code] = pick.value) }, [["", say("as_above")], ...near.map((person) => [person.code, nameOf(person)])], wish.choices[code] || "");
      pick.classList.add("small");
      return el("tr", {}, el("td", {}, code, el("span.cap.block-line", {}, one.name || one.grid_name || "")), el("td.num", {}, one.customers === undefined ? "—" : number(one.customers)), el("td", {}, pick));
    })))) : null;
    const next = kit.button(say("see_bill"), () => kit.press(next, preview, told).then(() => wish.preview && go(1)), { id: "staff-next", look: "pri" });
    return [el("p", {}, say("holds_n", { n: number(grids.length) })), kit.field(say(merge() ? "into_branch" : "replacement"), into), each, rows, foot(next)];
  }
  /* 4 · the bill, then it is done */
  function drawBill() {
    const change = wish.preview || {};
    const bill = change.bill || {};
    const grids = gridsOf(change);
    const open = grids.filter((one) => !(one.to || one.to_code || one.into));
    const apply = kit.button(say("apply"), () => kit.press(apply, async () => {
      const done = await Getu.send(API + "/" + change.id + "/apply");
      wish = blank();
      await again(say("applied_done"), () => undo(done.id || change.id));
    }, told), { id: "staff-apply", look: "pri" });
    const moves = grids.length ? el("ul.moves", { id: "staff-moves" }, grids.slice(0, 60).map((one) => el("li", {}, el("b", {}, one.code || one.grid_code || one.grid), el("span", {}, " " + (one.name || one.grid_name || "")), el("span.grow", {}), el("span", {}, kit.person(one.from_name || one.from) + " → " + kit.person(one.to_name || one.to || one.into))))) : null;
    const left = Array.isArray(change.open) ? change.open.length : open.length;
    return [kit.bill(bill, { grids: bill.grids === undefined ? grids.length : typeof bill.grids === "number" ? bill.grids : grids.length }), kit.billManagers(bill), left ? kit.note("warn", say("left_open", { n: number(left) })) : null, moves, foot(apply, kit.button(say("keep_draft"), () => again(say("kept_draft")), { id: "staff-keep" }))];
  }
  function draw() {
    const parts = [drawWho, drawWhen, drawInstead, drawBill][wish.step]();
    Getu.find("#staff-form").replaceChildren(el("header", {}, el("h2", {}, say("staff_new")), el("span.cap", {}, whose() ? (merge() ? kit.branchName(wish.branch) : kit.staffName(wish.who)) : "")), el("div.body.col", { style: "gap:12px" }, drawSteps(), ...parts.filter(Boolean), told));
    document.documentElement.dataset.step = STEPS[wish.step];
  }

  /* What is planned and what was done, as a list and as a calendar of absences */
  const LOOK = { draft: "info", applied: "ok", undone: "", cancelled: "" };
  const subject = (one) => one.staff_name || (one.staff && one.staff.name) || one.branch_name || (one.branch && one.branch.name) || one.staff || one.branch || "—";
  const fromOf = (one) => one.valid_from || (one.valid && one.valid.from);
  const toOf = (one) => one.valid_to || (one.valid && one.valid.to);
  const lastDay = (one) => (toOf(one) ? kit.day(new Date(new Date(toOf(one) + "T12:00:00").getTime() - 864e5)) : null);
  function drawCalendar() {
    const start = new Date();
    start.setDate(1);
    const days = 62;
    const first = kit.day(start);
    const at = (text) => Math.max(0, Math.min(days, Math.round((new Date(text + "T12:00:00") - new Date(first + "T12:00:00")) / 864e5)));
    const rows = changes.filter((one) => one.state === "applied" && one.kind !== "branch_merge" && (!toOf(one) || toOf(one) > first) && at(fromOf(one)) < days);
    if (!rows.length) return el("p.cap.calendar-none", {}, say("nobody_away"));
    const months = [0, 1].map((n) => {
      const month = new Date(start.getFullYear(), start.getMonth() + n, 1);
      return el("span", { style: "left:" + (100 * at(kit.day(month))) / days + "%" }, month.getFullYear() + "-" + String(month.getMonth() + 1).padStart(2, "0"));
    });
    const today = el("i.today", { style: "left:" + (100 * at(kit.today())) / days + "%", title: say("today") });
    return el("div.calendar", { role: "img", "aria-label": say("calendar") }, el("div.months", {}, months), el("div.lanes", {}, today, rows.map((one) => {
      const [a, b] = [at(fromOf(one)), toOf(one) ? at(toOf(one)) : days];
      return el("div.lane", {}, el("span.who", {}, subject(one)), el("div.track-line", {}, el("i." + one.kind, { style: "left:" + (100 * a) / days + "%;width:" + Math.max(1.2, (100 * (b - a)) / days) + "%", title: kit.span(fromOf(one), lastDay(one)) })));
    })));
  }
  function drawChanges() {
    const rows = changes.map((one) => {
      const place = el("div");
      const can = (key) => (one["can_" + key] === undefined ? true : one["can_" + key]);
      const acts = [
        one.state === "draft" ? kit.button(say("apply"), (event) => kit.press(event.currentTarget, async () => (await Getu.send(API + "/" + one.id + "/apply"), await again(say("applied_done"), () => undo(one.id))), place)) : null,
        one.state === "draft" ? kit.button(say("drop_draft"), (event) => kit.press(event.currentTarget, async () => (await Getu.send(API + "/" + one.id + "/cancel"), await again(say("cancelled_done"))), place)) : null,
        one.state === "applied" && can("undo") ? kit.button(say("undo"), (event) => kit.press(event.currentTarget, async () => (await Getu.send(API + "/" + one.id + "/undo"), await again(say("undone_done"))), place), { sign: "undo" }) : null,
      ].filter(Boolean);
      return el("article.change", { "data-id": one.id, "data-state": one.state }, el("div.between", {}, el("b", {}, subject(one)), el("span.row", {}, kit.badge("", say("sc_" + one.kind)), kit.badge(LOOK[one.state], say("sc_state_" + one.state)))), el("span.cap", {}, [one.kind === "leave" ? kit.span(fromOf(one), lastDay(one)) : say("from_day", { day: fromOf(one) }), one.into_name || (one.into && one.into.name) ? say("into_x", { who: one.into_name || one.into.name }) : "", one.reason || ""].filter(Boolean).join("·")), acts.length ? el("div.row", {}, acts) : null, place);
    });
    Getu.find("#staff-list").replaceChildren(el("header", {}, el("h2", {}, say("staff_list"))), drawCalendar(), el("div.changes", {}, rows.length ? rows : kit.empty(say("no_changes"), say("no_changes_why"))));
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
    if (wish.step) wish = blank();
    const answer = await Getu.ask(API);
    changes = answer.changes || answer.staffing_changes || answer;
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
