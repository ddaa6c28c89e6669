/* Getu 格图 · a customer file on the list page: a trial first, its questions answered, then the import itself. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const zh = Getu.config.lang === "zh";
  const half = (one) => (one && (zh ? one.zh : one.en)) || "";
  const FACTS = ["rows", "kept", "new", "changed", "same", "vanished", "returned", "left_out", "warned", "links", "mode"];

  const total = (value) => (value !== null && typeof value === "object" ? Object.values(value).reduce((sum, n) => sum + (Number(n) || 0), 0) : value);

  /* Figures of a report that have a word of their own. */
  Getu.drawIntakeFacts = function (report, keys = [...FACTS, "seconds", "rows_a_second"]) {
    const there = keys.filter((key) => report[key] !== undefined && report[key] !== null);
    return el("dl.kv.plain-facts", {}, there.flatMap((key) => [el("dt", {}, say("fact_" + key)), el("dd", {}, key === "mode" ? say(report.mode) : number(total(report[key])))]));
  };
  /* The lists that lie beside a customer import; whoever is in none of them has no list. */
  Getu.drawIntakeLists = function (report, address) {
    const twice = total(report.duplicates || {});
    const lists = [["left_out", "/left-out", (report.left_out || 0) + (report.warned || 0)], ["duplicates", "/duplicates", twice], ["vanished", "/vanished", report.vanished || 0]];
    const link = ([key, tail, n]) => el("a.btn", { href: address + tail, download: true, "data-list": key }, icon("download"), say("list_" + key) + " " + number(n));
    const some = lists.filter(([, , n]) => n);
    return some.length ? el("div.row.wrap", { style: "gap:8px;margin-top:16px" }, some.map(link)) : null;
  };

  const verdict = (sign, look, title, body, foot) =>
    el("section.verdict." + look, {}, el("div.verdict-head", {}, el("span.sign-big", {}, icon(sign)), el("div.grow", {}, el("h2", { tabindex: "-1" }, title), ...body)), el("div.row.wrap.verdict-foot", {}, foot));

  function optionOf(question, value) {
    if (question.code === "allow_vanish") return { name: say("allow_" + value), more: say("allow_" + value + "_why") };
    return { name: value === "@none" ? say("column_none") : value, more: "" };
  }
  function drawQuestion(question, change) {
    const name = "q-" + question.code;
    if (question.options.length > 6) {
      const select = el("select.input", { id: name, onchange: change }, el("option", { value: "" }, say("pick_column")), question.options.map((value) => el("option", { value }, optionOf(question, value).name)));
      return { question, read: () => select.value, node: el("label.col", { style: "gap:4px;max-width:480px" }, el("b", {}, half(question)), select) };
    }
    const cards = question.options.map((value) => {
      const { name: words, more } = optionOf(question, value);
      return el("label.opt.option", {}, el("input", { type: "radio", name, value, onchange: change }), el("span.radio"), el("span.grow", {}, el("span.b.wrap-any", {}, words), more ? el("span.cap.block-line", {}, more) : null));
    });
    const group = el("div.col.options", { role: "radiogroup", "aria-label": half(question) }, el("b", {}, half(question)), cards);
    return { question, read: () => (group.querySelector("input:checked") || { value: "" }).value, node: group };
  }
  /* What an answer changes in the options of the next try. */
  function tell(said, code, value) {
    if (code === "allow_vanish") return value === "delta" ? { ...said, mode: "delta" } : { ...said, allow_vanish: true };
    if (code === "sheet") return { ...said, sheet: value };
    return code.startsWith("field_") ? { ...said, fields: { ...said.fields, [code.slice(6)]: value } } : { ...said, [code]: value };
  }

  /* One customer file from the drop zone to its import; `send` uploads and resolves to the finished job. */
  Getu.takeCustomers = function (place, said, { send, leave, drop }) {
    const stop = () => el("button.btn.lg", { type: "button", onclick: drop }, say("intake_drop"));
    async function run(options, dry) {
      const end = await send({ ...options, dry_run: dry });
      if (!end) return;
      const report = end.result || {};
      const asked = (end.error && end.error.questions) || report.questions;
      if (asked) return ask(options, end.error && end.error.questions ? end.error : report.error, asked, report);
      if (end.status !== "done") return show(verdict("alert", "fault", say("intake_fault"), [el("p.reason", {}, half(end.error) || say("job_failed"))], [stop()]));
      if (dry) return ready(options, report);
      leave("/imports/" + report.import_id + (report.repeated ? "#same=1" : ""));
    }
    function show(node) {
      place.replaceChildren(node);
      node.querySelector("h2").focus();
    }
    function ready(options, report) {
      const go = el("button.btn.pri.lg", { type: "button", id: "intake-go", onclick: () => run(options, false) }, say("intake_go", { n: number(report.kept) }));
      const rows = report.rejected || [];
      const lines = rows.slice(0, 5).map((one) => el("li.cap", {}, say("rows_like", { rows: number(one.row) }) + "：" + half(one.message)));
      const parts = [el("p.sec", { style: "margin-bottom:12px" }, say("intake_tried_why")), Getu.drawIntakeFacts(report, FACTS), lines.length ? el("ul.reasons", {}, lines) : null, Getu.drawIntakeLists(report, "/api/v1/imports/" + report.import_id)];
      show(verdict("check", "ok", say("intake_tried"), parts.filter(Boolean), [go, stop()]));
    }
    function ask(options, problem, questions, report) {
      const parts = questions.map((question) => drawQuestion(question, () => (go.disabled = parts.some((part) => !part.read()))));
      const again = () => run(parts.reduce((all, part) => tell(all, part.question.code, part.read()), options), true);
      const go = el("button.btn.pri.lg", { type: "button", id: "intake-again", disabled: true, onclick: again }, say("intake_again"));
      const figures = report.rows ? [Getu.drawIntakeFacts(report, FACTS), Getu.drawIntakeLists(report, "/api/v1/imports/" + report.import_id)] : [];
      const body = [el("p.reason", {}, half(problem)), el("div.col", { style: "gap:16px;margin:16px 0" }, parts.map((part) => part.node)), ...figures];
      show(verdict("alert", "plain", say("intake_asks"), body.filter(Boolean), [go, stop()]));
    }
    return run(said, true);
  };
})();
