/* Getu 格图 · the page of one import: its step, what is asked, what a load would change, loading and undoing. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const place = Getu.find("#desk");
  const address = "/api/v1/imports/" + Getu.config.import_id;
  const xlsx = address + "/report.xlsx";
  const EMPTY = { status: "", features: 0, rejected: [], encoding: { name: null, how: null }, crs: { declared: null, used: null, how: null, evidence: [] }, warnings: [], questions: [], layers: [], format: null, repairs: [], columns: [], preview: null };
  /* What is under way: null, or the stage a job of ours is in and how to show its progress. */
  let busy = null;
  let run = null;
  let picture = null;
  let told = "";

  function drawSteps() {
    const names = ["drop", "look", "answer", "try", "load"];
    const at = busy ? { look: 1, answer: 3, load: 4, undo: 4 }[busy.act] : { running: 1, needs_answer: 2, checked: 4, imported: 5, rejected: 1, failed: 1, undone: 4 }[run.status];
    const stopped = !busy && (run.status === "rejected" || run.status === "failed");
    const draw = (name, n) => {
      const done = n < at;
      const state = n === at ? (stopped ? "now bad" : "now") : done ? "done" : "";
      return el("li", { class: state, "aria-current": n === at ? "step" : null }, el("span.n", {}, n === at && stopped ? icon("x") : done ? icon("check") : String(n + 1)), el("span.name", {}, say("step_" + name)));
    };
    Getu.find("#steps").replaceChildren(...names.map(draw));
  }

  function drawFile(report) {
    const format = report.format ? Getu.config.formats[report.format] || report.format : null;
    const facts = [format, run.size_bytes ? Getu.size(run.size_bytes) : null, report.features ? say("shapes_n", { n: number(report.features) }) : null].filter(Boolean).join("·");
    const said = run.options || {};
    const kind = [Getu.config.kinds[said.kind || "village"], said.valid_from ? say("from_day") + " " + said.valid_from : null, report.layers.length > 1 ? say("layers_of", { n: report.layers.length }) : null].filter(Boolean).join("·");
    const change = mayAnswer() ? el("button.link", { type: "button", onclick: () => Getu.changeOptions(run, report, answer) }, say("change_options")) : null;
    const head = el("div.file-card", {}, el("span.avatar.sign", {}, icon("file")), el("div.grow", {}, el("div.b.file-name", { title: run.file_name }, run.file_name), el("div.cap", {}, facts || "—")), el("a.btn", { href: "/imports" }, say("change_file")));
    return el("section.card", {}, head, el("div.card-foot.between", {}, el("span.cap", {}, kind), change));
  }
  const may = (verb) => !busy && (run.may || []).includes(verb);
  const mayAnswer = () => may("answer");

  const pictureCard = () => (picture ? el("section.card", {}, el("header", {}, el("h2", {}, say("picture"))), el("div.body", {}, Getu.drawPicture(picture))) : null);
  const asksSystem = (report) => run.status === "needs_answer" && report.questions.some(Getu.isCrsQuestion);
  const firstDay = () => (run.options || {}).valid_from || (run.created_at || "").slice(0, 10);

  function verdict(sign, look, title, parts, buttons) {
    return el("section.card.verdict." + look, {}, el("div.verdict-head", {}, el("span.sign-big", {}, icon(sign)), el("div.grow", {}, el("h2", { tabindex: "-1" }, title), ...parts.filter(Boolean))), buttons.length ? el("div.row.wrap.verdict-foot", {}, buttons) : null);
  }
  const p = (words) => el("p.sec", {}, words);
  const report_link = () => el("a.btn.lg", { href: xlsx, download: true }, icon("download"), say("report_xlsx"));

  function drawReady(report) {
    const seen = (report.preview && report.preview.ground) || {};
    const sum = { n: number(report.features), day: firstDay() };
    const brought = ["overlap", "duplicate", "gap", "outside", "nested", "invalid"].filter((kind) => seen[kind]).map((kind) => say("finding_" + kind) + " " + number(seen[kind]) + say("places"));
    const faults = brought.length ? el("div.note.warn", {}, icon("alert"), el("div", {}, say("ready_faults", { faults: brought.join(say("and")) }))) : null;
    const lost = report.rejected.filter((one) => one.row > 0).length;
    const gone = Getu.drawVanished(report, mayAnswer() ? answer : null);
    const go = el("button.btn.pri.lg.grow", { type: "button", onclick: () => act("load", "/load") }, say("load_n", { n: number(report.features) }));
    return [verdict("check", "ok", say("ready"), [p(say("ready_sum", sum)), lost ? p(say("ready_lost", { n: number(lost) })) : null, faults, gone], [go, el("a.btn.lg", { href: "/imports" }, say("not_now"))])];
  }
  function drawLoaded(report) {
    const undo = el("button.btn.lg", { type: "button", onclick: () => Getu.confirm(say("undo_sure"), say("undo_what", { n: number(report.features) }), { go: say("undo_do"), submit: undoIt }) }, icon("undo"), say("undo"));
    const map = el("a.btn.pri.lg", { href: "/" }, say("see_map"));
    const later = may("undo") ? null : p(say("undo_not"));
    return [verdict("check", "ok", say("loaded", { n: number(report.features) }), [p(say("loaded_sum", { day: firstDay() })), later], [map, report_link(), may("undo") ? undo : null].filter(Boolean))];
  }
  function drawUndone(report) {
    const again = el("button.btn.pri.lg", { type: "button", onclick: () => answer({ answers: {} }) }, say("try_anew"));
    return [verdict("undo", "plain", say("undone"), [p(say("undone_why"))], [again, report_link()])];
  }
  function drawRefused(report) {
    const whole = report.rejected.find((one) => one.row === 0) || report.rejected[0] || { reason: "", message: "" };
    const parts = [el("p.reason", {}, Getu.half(whole.message)), el("p.sec", {}, el("b", {}, say("what_to_do") + "："), Getu.whatToDo(whole.reason)), el("p.cap", {}, say("nothing_stored") + (whole.reason ? " " + say("code_at", { code: whole.reason }) : ""))];
    const again = run.status === "failed" && may("answer") ? el("button.btn.lg", { type: "button", onclick: () => answer({ answers: {} }) }, say("try_anew")) : null;
    return [verdict("alert", "fault", say(run.status === "failed" ? "job_failed" : "refused"), parts, [el("a.btn.pri.lg", { href: "/imports" }, say("change_file")), again].filter(Boolean))];
  }
  function drawBusy() {
    const words = { look: "looking", answer: "trying", load: "loading_units", undo: "undoing" }[busy.act];
    return [el("section.card.verdict.plain", { "aria-busy": "true" }, el("div.verdict-head", {}, el("span.sign-big", {}, icon("clock")), el("div.grow", {}, el("h2", {}, say(words)), p(say(busy.act === "load" ? "undo_note" : busy.act === "undo" ? "undoing_why" : busy.act === "answer" ? "trying_why" : "looking_why"))))), busy.shown.card];
  }
  const MIDDLE = { checked: drawReady, imported: drawLoaded, undone: drawUndone, rejected: drawRefused, failed: drawRefused };

  function drawMiddle(report) {
    const same = !busy && Getu.state.read().same ? el("div.note", {}, icon("info"), el("div", {}, say("same_file"))) : null;
    const note = told ? el("div.note.fault", { role: "alert" }, icon("alert"), el("div", {}, told)) : null;
    const main = busy ? drawBusy() : run.status === "needs_answer" ? [Getu.drawQuestions(report, picture, answer)] : (MIDDLE[run.status] || (() => []))(report);
    const lists = busy ? [] : [asksSystem(report) ? null : pictureCard(), Getu.drawLeftOut(report, xlsx), Getu.drawChanges(report), Getu.drawFaults(report), Getu.drawRepairs(report), Getu.drawRemarks(report)];
    return [same, note, ...main, ...lists].filter(Boolean);
  }
  function drawRight(report) {
    const undo = ["needs_answer", "checked"].includes(run.status) ? el("div.note", {}, icon("undo"), el("div", {}, say("undo_note"))) : null;
    const link = report.status && run.status !== "imported" && run.status !== "undone" && !busy ? el("a.btn", { href: xlsx, download: true }, icon("download"), say("report_xlsx_long")) : null;
    return [run.status === "rejected" || run.status === "failed" ? null : Getu.drawTrial(report, run.status === "needs_answer" || busy), link, undo].filter(Boolean);
  }

  /* Gazetteers, people and customers come in by other doors: here is what became of the file. */
  function drawOther() {
    const plain = Object.entries(run.report || {}).filter(([key, value]) => key !== "status" && ["string", "number"].includes(typeof value));
    const left = (Array.isArray((run.report || {}).rejected) ? run.report.rejected : []).filter((one) => one.row > 0);
    const facts = run.kind === "customers" ? Getu.drawIntakeFacts(run.report || {}) : el("dl.kv.plain-facts", {}, plain.flatMap(([key, value]) => [el("dt", {}, Getu.config.words["fact_" + key] || key), el("dd", {}, typeof value === "number" ? number(value) : value)]));
    const card = el("section.card", {}, el("header", {}, el("h2", {}, say("kind_" + run.kind)), Getu.drawState(run.status, run.kind)), el("div.body", {}, [facts, run.kind === "customers" ? Getu.drawIntakeLists(run.report || {}, address) : null].filter(Boolean)));
    place.replaceChildren(el("div.col.desk-whole", {}, [card, Getu.drawLeftOut({ rejected: left }, address + "/left-out")].filter(Boolean)));
    Getu.find("#steps").hidden = true;
    place.dataset.state = run.status;
    place.removeAttribute("aria-busy");
  }

  function draw() {
    if (run.kind !== "boundaries") return drawOther();
    const report = { ...EMPTY, ...(run.report || {}) };
    report.crs = { ...EMPTY.crs, ...report.crs };
    drawSteps();
    const looked = report.encoding.name || report.crs.used || report.columns.length || report.questions.length;
    const change = mayAnswer() && report.columns.length ? () => Getu.changeFields(report, answer) : null;
    const left = [drawFile(report), looked ? Getu.drawFound(report) : null, Getu.drawSample(report, change)].filter(Boolean);
    place.replaceChildren(el("div.col.desk-left", {}, left), el("div.col.desk-middle", {}, drawMiddle(report)), el("div.col.desk-right", {}, drawRight(report)));
    place.dataset.state = busy ? "busy" : run.status;
    place.removeAttribute("aria-busy");
  }

  const PICTURED = ["needs_answer", "checked", "imported", "undone"];
  const understood = () => run.report && run.report.crs && (run.report.crs.used || (run.report.questions || []).some(Getu.isCrsQuestion));
  async function load() {
    run = await Getu.ask(address);
    picture = run.kind === "boundaries" && PICTURED.includes(run.status) && understood() ? await Getu.ask(address + "/picture").catch(() => null) : null;
    if (run.job && !busy) return watch(run.status === "running" ? "look" : "answer", { id: run.job, status: "waiting", stage: "", done: 0, total: 0 });
    if (run.status === "running" && !busy) setTimeout(() => load().catch(fail), 2000);
    draw();
  }

  /* A job of this import until it is over, then the import as it stands. */
  async function watch(what, job) {
    told = "";
    busy = { act: what, shown: Getu.drawProgress(() => Getu.send("/api/v1/jobs/" + job.id + "/cancel").catch((error) => Getu.toast(error.message))) };
    busy.shown.tell(job);
    draw();
    try {
      const end = await Getu.follow(job.id, busy.shown.tell);
      const stands = end.result && end.result.import_id;
      if (stands && stands !== Getu.config.import_id) return location.assign("/imports/" + stands + "#same=1");
      if (end.status === "failed") told = Getu.problem(end.error, say("job_failed"));
      if (end.status === "cancelled") told = say("job_cancelled");
    } catch (error) {
      told = error.message;
    }
    busy = null;
    await load();
    window.scrollTo(0, 0);
    const title = place.querySelector(".desk-middle h2");
    if (title) title.setAttribute("tabindex", "-1"), title.focus({ preventScroll: true });
  }
  async function act(what, tail, body) {
    try {
      const job = await Getu.send(address + tail, body);
      watch(what, job);
    } catch (error) {
      told = error.message;
      await load().catch(() => draw());
    }
  }
  async function answer(body) {
    const job = await Getu.send(address + "/answers", body);
    watch("answer", job);
  }
  async function undoIt() {
    watch("undo", await Getu.send(address + "/undo"));
  }

  function fail(error) {
    const again = el("button.btn", { type: "button", onclick: () => load().catch(fail) }, say("retry"));
    place.replaceChildren(el("section.card.stopped", {}, el("div.empty", { role: "alert" }, icon("alert"), el("h2", {}, say("reading_failed")), el("p", {}, error.message), again)));
    place.dataset.state = "lost";
    place.removeAttribute("aria-busy");
  }
  load()
    .catch(fail)
    .then(() => (document.documentElement.dataset.ready = "1"));
})();
