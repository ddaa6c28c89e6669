/* Getu 格图 · what was answered before, and exceptions: asked by a branch, decided by somebody else. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const zh = Getu.config.lang === "zh";
  const ANSWERS = ["in", "out", "edge", "unknown"];
  const STATES = ["asked", "approved", "refused", "withdrawn"];
  const TONES = { asked: "warn", approved: "ok", refused: "fault", withdrawn: "" };
  let answer = null;
  let mine = false;
  let state = "asked";
  Getu.lendingTabs = {};

  const empty = (title, why) => el("div.empty", {}, icon("info"), el("b", {}, title), el("span", {}, why));
  const chip = (words, on, act) => el("button.chip", { type: "button", "aria-pressed": String(on), onclick: act }, words);
  const mark = (one) => el("b.lending-answer.tone-" + one.answer, {}, zh ? one.answer_zh : say("answer_" + one.answer));

  Getu.lendingTabs.kept = async function (place) {
    const rows = el("div.scheme-rows", { role: "list" });
    const foot = el("div.lending-foot", { hidden: true });
    const again = () => Getu.lendingTabs.kept(place).catch(Getu.schemeTold);
    const load = async (before) => {
      const wanted = new URLSearchParams({ limit: "50", ...(answer ? { answer } : {}), ...(mine ? { mine: "true" } : {}), ...(before ? { before } : {}) });
      const page = await Getu.ask("/api/v1/lending-checks?" + wanted);
      rows.append(...page.checks.map((one) => row(one, place)));
      foot.hidden = !page.next;
      foot.replaceChildren(el("button.btn", { type: "button", onclick: () => load(page.next).catch(Getu.schemeTold) }, say("more")));
      return page.checks.length;
    };
    const count = await load(null);
    place.replaceChildren(
      el("div.scheme-chips", {}, chip(say("all"), !answer, () => ((answer = null), again())), ...ANSWERS.map((key) => chip(say("answer_" + key), answer === key, () => ((answer = key), again()))), el("span.grow"), chip(say("only_mine"), mine, () => ((mine = !mine), again()))),
      count ? rows : empty(say("none_kept"), say("none_kept_why")),
      foot,
    );
  };
  function row(one, place) {
    const open = async () => {
      const found = await Getu.ask("/api/v1/lending-checks/" + one.id).catch(Getu.schemeTold);
      if (found) Getu.showAnswer(place, found, { words: say("back"), act: () => Getu.lendingTabs.kept(place) });
    };
    const state = one.exception ? badge(one.exception) : null;
    return el("button.scheme-row.lending-row", { type: "button", role: "listitem", "data-check": String(one.id), onclick: open }, mark(one), el("span.grow", {}, el("b", {}, Getu.subjectOf(one)), el("small", {}, [one.branch.name, one.holder && say("ground_of", { name: one.holder.name }), Getu.when(one.asked_at)].filter(Boolean).join(" · "))), state);
  }
  const badge = (one) => el("span.badge." + ((!one.ended && TONES[one.state]) || "info"), {}, Getu.stateOf(one));

  Getu.lendingTabs.exceptions = async function (place) {
    const found = (await Getu.ask("/api/v1/lending-exceptions")).exceptions;
    const shown = found.filter((one) => one.state === state);
    const pick = (key) => chip(say("state_" + key) + " " + found.filter((one) => one.state === key).length, state === key, () => ((state = key), Getu.lendingTabs.exceptions(place).catch(Getu.schemeTold)));
    place.replaceChildren(
      el("div.scheme-chips", {}, ...STATES.map(pick)),
      shown.length ? el("div.scheme-rows", { role: "list" }, ...shown.map((one) => wish(one, place))) : empty(say("none_exceptions"), say("none_exceptions_why")),
    );
  };
  const wish = (one, place) => el("button.scheme-row.lending-row", { type: "button", role: "listitem", "data-exception": String(one.id), onclick: () => openWish(one, place) }, mark(one.check), el("span.grow", {}, el("b", {}, Getu.subjectOf(one)), el("small", {}, [one.branch_name, one.reason, Getu.when(one.asked_at)].join(" · "))), badge(one));

  async function openWish(one, place) {
    const back = () => Getu.lendingTabs.exceptions(place).catch(Getu.schemeTold);
    const rows = [["asked_by", one.asked_by_name], ["exception_why", one.reason], ["distance_to", one.distance_m === null ? null : Getu.metresOf(one.distance_m)], ["held_by", one.holder_name], ["by_plan", one.plan_code], ["ask_date", one.on_date], ["number", String(one.check_id)], ["state", Getu.stateOf(one)], ["decided_by", one.decided_by_name], ["decision_note", one.decision_note], ["valid_until", one.valid_until]];
    place.replaceChildren(
      el("div.lending-one", {},
        el("div.lending-head", {}, el("div", {}, el("h2", { tabindex: "-1" }, Getu.subjectOf(one)), el("p", {}, one.branch_name + " · " + (zh ? one.check.message_zh : one.check.message_en))), Getu.stampOf(one.check)),
        el("dl.kv", {}, ...rows.filter(([, words]) => words).flatMap(([key, words]) => [el("dt", {}, say(key)), el("dd", {}, words)])),
        ...decide(one, back),
        el("div.lending-acts", {}, el("a.btn", { href: "/api/v1/lending-checks/" + one.check_id + ".pdf", target: "_blank", rel: "noopener" }, icon("print"), say("print")), withdraw(one, back), el("button.btn", { type: "button", id: "back", onclick: back }, say("back")))),
    );
    Getu.find(".lending-head h2").focus();
    Getu.tintGround(one.branch_code);
    const found = await Getu.ask("/api/v1/lending-checks/" + one.check_id).catch(() => null);
    Getu.drawSpot(found);
  }
  function withdraw(one, back) {
    if (!["asked", "approved"].includes(one.state) || one.ended || (one.asked_by !== Getu.config.user && !Getu.config.mayAllow)) return "";
    const act = async () => (await Getu.send("/api/v1/lending-exceptions/" + one.id + "/withdraw").catch(Getu.schemeTold)) && ((state = "withdrawn"), back());
    return el("button.btn", { type: "button", id: "withdraw", onclick: act }, icon("undo"), say("withdraw"));
  }
  function decide(one, back) {
    if (one.state !== "asked" || !Getu.config.mayAllow) return [];
    if (one.asked_by === Getu.config.user) return [el("p.lending-note", {}, say("two_people"))];
    const until = new Date();
    until.setMonth(until.getMonth() + 3);
    const note = el("textarea.input", { id: "note", rows: "3", maxlength: "500", required: true });
    const written = (moment) => moment.toLocaleDateString("sv");
    const day = el("input.input", { id: "until", type: "date", min: written(new Date()), value: written(until) });
    const act = (decision) => async () => {
      const body = { decision, note: note.value, ...(decision === "approve" ? { valid_until: day.value || null } : {}) };
      const done = await Getu.send("/api/v1/lending-exceptions/" + one.id + "/decide", body).catch(Getu.schemeTold);
      if (done) (state = done.state), Getu.toast(say("decided")), back();
    };
    return [el("div.lending-decide", {}, el("label.scheme-field", {}, el("span.cap", {}, say("decision_note")), note), el("label.scheme-field", {}, el("span.cap", {}, say("valid_until")), day), el("div.row", {}, el("button.btn.pri", { type: "button", id: "approve", onclick: act("approve") }, icon("check"), say("approve")), el("button.btn", { type: "button", id: "refuse", onclick: act("refuse") }, icon("x"), say("refuse"))))];
  }
})();
