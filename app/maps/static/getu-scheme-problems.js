/* Getu 格图 · problems to put right: pinned on the map, due on a day, done by one and closed by another. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const may = (right) => Getu.config.rights.includes(right);
  const STATES = ["open", "done", "closed"];
  let problems = [];
  let state = "open";
  let draft = null;

  const colourOf = (one) => (one.late ? "#b3231c" : one.state === "open" ? "#8a5200" : one.state === "done" ? "#1d5a9c" : "#1a6b48");
  Getu.schemeTabs.problems = async function (place) {
    draft = null;
    problems = (await Getu.ask("/api/v1/scheme/problems")).problems;
    draw(place);
  };
  function draw(place) {
    const shown = problems.filter((one) => one.state === state);
    Getu.schemeMap.fill(() => null, []);
    Getu.schemeMap.pins(shown.map((one) => ({ ...one, colour: colourOf(one) })), (one) => open(one, place));
    const chip = (key) => el("button.chip", { type: "button", "aria-pressed": String(state === key), onclick: () => ((state = key), draw(place)) }, say("state_" + key), " ", el("b.num", {}, number(problems.filter((one) => one.state === key).length)));
    place.replaceChildren(
      el("div.scheme-chips", {}, ...STATES.map(chip), el("span.grow"), may("report_visits") ? el("button.btn.pri.small-btn", { type: "button", id: "new-problem", onclick: () => write(place) }, icon("plus"), say("new_problem")) : null),
      shown.length ? el("div.scheme-rows", { role: "list" }, ...shown.map((one) => row(one, place))) : Getu.schemeEmpty(say("no_problems"), say("no_problems_why")),
    );
  }
  const due = (one) => (one.late ? el("span.badge.fault", {}, say("late"), " ", one.due_on) : el("span.badge", {}, say("due", { day: one.due_on })));
  const row = (one, place) => el("button.scheme-row", { type: "button", role: "listitem", "data-problem": String(one.id), onclick: () => open(one, place) }, el("i.lamp", { style: "background:" + colourOf(one), "aria-hidden": "true" }), el("span.grow", {}, el("b", {}, one.title), el("small", {}, [one.grid_name, one.branch, one.staff].filter(Boolean).join(" · "))), due(one));

  function open(one, place) {
    Getu.schemeMap.choose(one.grid_code, true);
    const note = el("textarea.input", { id: "note", rows: "3", placeholder: say("how_done"), "aria-label": say("how_done") });
    const answer = async (key) => {
      const done = await Getu.schemeSend("POST", "/api/v1/scheme/problems/" + one.id + "/answer", { answer: key, note: note.value.trim() || null }).catch(Getu.schemeTold);
      if (done) (state = done.state), Getu.schemeTabs.problems(place);
    };
    const button = (key, main) => el("button.btn" + (main ? ".pri" : ""), { type: "button", id: "say-" + key, onclick: () => answer(key) }, say("say_" + key));
    const acts = { open: [note, button("done", true)], done: [button("close", true), button("reopen")], closed: [button("reopen")] }[one.state];
    place.replaceChildren(
      el("header.scheme-one", {}, el("button.btn.ghost.icon", { type: "button", id: "back", "aria-label": say("all"), onclick: () => draw(place) }, icon("left")), el("div", {}, el("h2", { tabindex: "-1" }, one.title), el("small", {}, [one.grid_name, one.branch].filter(Boolean).join(" · ")))),
      el("dl.kv", {}, el("dt", {}, say("problem_due")), el("dd", {}, due(one)), el("dt", {}, say("problem_who")), el("dd", {}, one.staff || say("nobody")), one.detail ? el("dt", {}, say("problem_detail")) : null, one.detail ? el("dd", {}, one.detail) : null, one.answer ? el("dt", {}, say("how_done")) : null, one.answer ? el("dd", {}, one.answer) : null),
      may("report_visits") ? el("footer.scheme-acts", {}, ...acts) : el("span", { hidden: true }),
    );
    Getu.find(".scheme-one h2").focus();
  }

  function write(place) {
    draft = { grid: null, at: null };
    const field = (id, label, input) => el("label.scheme-field", {}, el("span.cap", {}, label), Object.assign(input, { id }));
    const title = el("input.input", { required: true, maxlength: "120" });
    const detail = el("textarea.input", { rows: "3", maxlength: "1000" });
    const day = el("input.input", { type: "date", required: true, min: Getu.schemeToday() });
    const who = el("input.input", { maxlength: "32" });
    const grid = el("output.scheme-picked", { id: "picked" }, say("pick_grid"));
    const save = async (event) => {
      event.preventDefault();
      if (!draft.grid) return Getu.toast(say("pick_grid"));
      const body = { grid_id: draft.grid.id, title: title.value, detail: detail.value, due_on: day.value, staff: who.value.trim() || null };
      if (draft.at) Object.assign(body, { lon: draft.at.lng, lat: draft.at.lat });
      const done = await Getu.schemeSend("POST", "/api/v1/scheme/problems", body).catch(Getu.schemeTold);
      if (done) (state = "open"), Getu.schemeTabs.problems(place);
    };
    place.replaceChildren(
      el("header.scheme-one", {}, el("button.btn.ghost.icon", { type: "button", id: "back", "aria-label": say("cancel"), onclick: () => Getu.schemeTabs.problems(place) }, icon("left")), el("h2", {}, say("new_problem"))),
      el("form.scheme-form", { onsubmit: save }, el("div.scheme-field", {}, el("span.cap", {}, say("problem_grid")), grid), field("problem-title", say("problem_what"), title), field("problem-detail", say("problem_detail"), detail), field("problem-due", say("problem_due"), day), field("problem-who", say("problem_who"), who), el("div.row", {}, el("button.btn.pri", { id: "save-problem" }, say("save")), el("button.btn", { type: "button", onclick: () => Getu.schemeTabs.problems(place) }, say("cancel")))),
    );
    title.focus();
  }
  Getu.schemeTabs.problemsPick = function (facts, at) {
    if (!draft) return;
    draft = { grid: facts, at };
    Getu.schemeMap.choose(facts.code, false);
    Getu.schemeMap.pins([{ lat: at.lat, lon: at.lng, colour: "#8a5200", title: facts.name }], () => null);
    Getu.find("#picked").textContent = facts.name + " · " + facts.code;
  };
})();
