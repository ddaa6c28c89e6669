/* Getu 格图 · what was found in a file: text, coordinates, columns, shapes; a sample; what was left out or mended. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const config = Getu.config;
  const asks = (report, pattern) => report.questions.some((question) => pattern.test(question.code));
  const warned = (report, pattern) => report.warnings.filter((warning) => pattern.test(warning.code)).map((warning) => Getu.half(warning.message));

  function findEncoding(report) {
    const { name, how } = report.encoding;
    const wrong = warned(report, /^encoding_/);
    const told = how ? config.words["encoding_how_" + how] || how : "";
    return { key: "encoding", value: name ? name.toUpperCase() : say("encoding_unknown"), more: [told, ...wrong], doubt: !name || asks(report, /^encoding/) };
  }
  function findSystem(report) {
    const { used, how, declared, confidence, shift_m: shift, shift_bearing_deg: way } = report.crs;
    const doubt = how === "open" || asks(report, /^crs/);
    const guess = used || (report.questions.find((question) => /^crs/.test(question.code)) || { options: [] }).options[0];
    const name = guess && guess !== "accept" ? Getu.shortSystem(guess) : "";
    const value = !name ? say("crs_unknown_yet") : doubt ? say("crs_suspect", { name }) : name;
    const off = shift && shift > 5 ? say("off_by", { way: Getu.way(way || 0), metres: Getu.metres(shift) }) : "";
    const said = declared ? say("crs_declared", { name: Getu.declaredSystem(declared) }) : say("crs_undeclared");
    const basis = how && how !== "declared" && how !== "open" ? config.words["crs_how_" + how] : "";
    const long = /^EPSG:(?!4326|4490)/.test(guess || "") ? Getu.longSystem(guess) : "";
    const join = (...words) => words.filter(Boolean).join("·");
    return { key: "crs", value, more: [long, join(said, off), join(basis, Getu.sure(confidence))], evidence: report.crs.evidence.map(Getu.half), doubt };
  }
  function findFields(report) {
    const used = report.columns.filter((one) => one.term);
    const main = ["unit_code", "unit_name"].map((term) => used.find((one) => one.term === term)).filter(Boolean);
    const value = main.map((one) => (one.name === "@row" ? say("row_number") : one.name) + " → " + config.terms[one.term]).join(say("and"));
    const more = [say("fields_used", { used: used.length, rest: report.columns.length - used.length }), ...warned(report, /^column_chosen/)];
    return { key: "fields", value: value || say("fields_none"), more, doubt: !main.length || asks(report, /^field_/) };
  }
  function findShapes(report) {
    const mended = new Set(report.repairs.map((line) => line.row)).size;
    const lost = report.rejected.filter((line) => line.row > 0).length;
    const sound = Math.max(0, report.features - mended);
    const parts = [say("shapes_sound", { n: number(sound) }), mended ? say("shapes_mended", { n: number(mended) }) : "", lost ? say("shapes_left_out", { n: number(lost) }) : ""];
    const worst = report.repairs.reduce((most, line) => Math.max(most, Math.abs(line.change_percent)), 0);
    const change = mended ? (worst ? say("shapes_change", { percent: Getu.percent(worst) }) : say("shapes_no_change")) : "";
    return { key: "shapes", value: report.features || mended ? parts.filter(Boolean).join(say("and")) : say("not_looked"), more: [change], doubt: asks(report, /^repair/) };
  }

  function line(found) {
    const more = found.more.filter(Boolean).map((words) => el("span.cap.block-line", {}, words));
    const why = found.evidence && found.evidence.length ? el("details.why", {}, el("summary.cap", {}, say("why")), el("ul", {}, found.evidence.map((words) => el("li.cap", {}, words)))) : null;
    return el("li", {}, el("span." + (found.doubt ? "down" : "up"), {}, icon(found.doubt ? "alert" : "check")), el("span.mut", {}, say(found.key)), el("span", {}, el("span.b.wrap-any", {}, found.value), more, why));
  }
  /* The four findings, each with its reason and a sign of doubt. */
  Getu.drawFound = function (report) {
    const all = [findEncoding(report), findSystem(report), findFields(report), findShapes(report)].filter((found) => !(found.key === "shapes" && !report.features && !report.repairs.length) && !(found.key === "fields" && !report.columns.length));
    const doubt = all.filter((found) => found.doubt).length;
    const told = doubt ? say("found_doubt", { sure: all.length - doubt, doubt }) : say("found_sure", { sure: all.length });
    return el("section.card", {}, el("header", {}, el("h2", {}, say("found")), el("span.cap", {}, told)), el("ul.found", {}, all.map(line)));
  };

  /* A few rows of the file: columns that became fields first, the others on demand. */
  Getu.drawSample = function (report, change) {
    if (!report.columns.length) return null;
    const order = ["unit_code", "unit_name", "town_name", ...Object.keys(config.terms)];
    const used = report.columns.filter((one) => one.term && one.name !== "@row").sort((a, b) => order.indexOf(a.term) - order.indexOf(b.term));
    const rest = report.columns.filter((one) => !one.term);
    const place = el("div.table-scroll", { tabindex: "0" });
    let all = !used.length;
    const swap = rest.length && used.length ? el("button.link", { type: "button", onclick: () => ((all = !all), show()) }) : null;
    const head = (one) => el("th" + (one.term ? "" : ".mut"), { scope: "col", title: one.name }, one.term ? config.terms[one.term] : one.name, el("small.cap", {}, !one.term ? say("unused") : one.name === config.terms[one.term] ? "" : one.name));
    function show() {
      const columns = all ? [...used, ...rest] : used;
      const height = Math.min(5, Math.max(0, ...columns.map((one) => one.sample.length)));
      const rows = [...Array(height).keys()].map((n) => el("tr", {}, columns.map((one) => el("td" + (one.term ? "" : ".mut"), { title: one.sample[n] || "" }, one.sample[n] || "—"))));
      place.replaceChildren(el("table.dense.sample", {}, el("thead", {}, el("tr", {}, columns.map(head))), el("tbody", {}, rows)));
      if (swap) swap.textContent = all ? say("hide_columns") : say("more_columns", { n: rest.length });
    }
    show();
    const button = change ? el("button.link", { type: "button", onclick: change }, say("change_fields")) : null;
    return el("section.card", {}, el("header", {}, el("h2", {}, say("sample")), button), place, swap ? el("div.card-foot", {}, swap) : null);
  };

  const listCard = (title, told, ...parts) => el("section.card", {}, el("header", {}, el("h2", {}, title), told), ...parts);
  Getu.drawLeftOut = function (report, address) {
    const rows = report.rejected.filter((one) => one.row > 0);
    if (!rows.length) return null;
    const table = Getu.drawPaged([[say("row"), ".num"], [say("reason")]], rows, (one) => el("tr", {}, el("td.num.n", {}, number(one.row)), el("td.long", {}, Getu.half(one.message))));
    const link = el("a.row.nowrap", { href: address, download: true, style: "font-size:13px" }, icon("download"), say("all_in_xlsx"));
    const reasons = new Map();
    for (const one of rows) reasons.set(Getu.half(one.message), (reasons.get(Getu.half(one.message)) || 0) + 1);
    const most = [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 4);
    const sum = rows.length > 10 ? el("ul.reasons", {}, most.map(([words, n]) => el("li.cap", {}, el("b", {}, number(n)), " " + words))) : null;
    return listCard(say("rejected_rows") + " " + number(rows.length), link, sum, ...table);
  };
  const hectares = (m2) => (m2 / 10000).toFixed(m2 < 1e6 ? 2 : 1) + " " + say("hectares");
  Getu.drawRepairs = function (report) {
    if (!report.repairs.length) return null;
    const rows = [...report.repairs].sort((a, b) => Math.abs(b.change_percent) - Math.abs(a.change_percent));
    const draw = (one) => el("tr", {}, el("td.num.n", {}, number(one.row)), el("td.long", {}, Getu.half(one.message)), el("td.num", { title: hectares(one.area_before_m2) + " → " + hectares(one.area_after_m2) }, one.question ? el("span.badge.warn", {}, icon("alert"), Getu.percent(one.change_percent) + "%") : Getu.percent(one.change_percent) + "%"));
    const told = el("span.cap", {}, say("rows_n", { n: number(new Set(rows.map((one) => one.row)).size) }));
    return listCard(say("repairs"), told, ...Getu.drawPaged([[say("row"), ".num"], [say("what_mended")], [say("area_change"), ".num"]], rows, draw));
  };
  /* Remarks that are not already said beside what was found. */
  Getu.drawRemarks = function (report) {
    const shown = report.warnings.filter((one) => !/^(encoding_|column_chosen|mended_|dry_run|units_vanished)/.test(one.code));
    if (!shown.length) return null;
    const item = (one) => el("li", {}, icon("info"), el("span", {}, Getu.half(one.message), one.rows.length ? el("span.cap.block-line", {}, Getu.rowsLike(one.rows)) : null));
    return listCard(say("remarks"), el("span.cap", {}, number(shown.length)), el("ul.remarks", {}, shown.map(item)));
  };
})();
