/* Getu 格图 · how the desk names things: coordinate systems, options of questions, what to do with a refusal. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const config = Getu.config;
  const SHORT = { "EPSG:4326": "WGS 84", "EPSG:4490": "CGCS2000", cgcs2000: "CGCS2000", wgs84: "WGS 84", gcj02: "GCJ-02", bd09: "BD-09", bd09mc: "BD-09 MC", "EPSG:3857": "EPSG:3857", xian1980: "Xian 1980", beijing1954: "Beijing 1954" };

  /* `EPSG:4549+gcj02/yx` is "EPSG:4549 + GCJ-02", its axes swapped. */
  Getu.shortSystem = function (used) {
    if (!used) return "—";
    const [name, order] = String(used).split("/");
    const parts = name.split("+").map((part) => SHORT[part] || part);
    return parts.join(" + ") + (order === "yx" ? "·" + say("axes_swapped") : order ? "·" + order : "");
  };
  /* What the system is, in words; empty where the short name says it all. */
  Getu.longSystem = function (used) {
    const base = String(used || "").split(/[/+]/)[0];
    return config.systems[base] || "";
  };
  /* A declared system may be a whole WKT: its name is enough here. */
  Getu.declaredSystem = function (text) {
    const named = /^\s*\w+\[\s*"([^"]+)"/.exec(text || "");
    return named ? named[1].replace(/_/g, " ") : Getu.shortSystem(text);
  };
  Getu.way = function (degrees) {
    const names = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];
    return say("way_" + names[Math.round((((degrees % 360) + 360) % 360) / 45) % 8]);
  };
  Getu.metres = (value) => (value >= 100 ? number(Math.round(value)) : Number(value).toFixed(1));
  Getu.percent = function (value) {
    const size = Math.abs(value);
    return size === 0 ? "0" : size < 0.001 ? "<0.001" : value.toFixed(size < 1 ? 3 : size < 10 ? 2 : 1);
  };
  Getu.sure = (share) => (share === null || share === undefined ? "" : say("how_sure", { share: Math.min(99, Math.floor(100 * share)) + "%" }));

  /* Row numbers in a few words: 3、17、21, or the first of many. */
  Getu.rowsLike = function (rows) {
    if (!rows || !rows.length) return "";
    const some = rows.slice(0, 6).join(say("and"));
    return rows.length <= 6 ? say("rows_like", { rows: some }) : say("rows_more", { rows: some, n: number(rows.length) });
  };

  const CRS = /^crs/;
  const isCrs = (question) => CRS.test(question.code) && question.code !== "crs_doubtful";
  Getu.isCrsQuestion = (question) => CRS.test(question.code);

  Getu.titleOf = function (question, report) {
    const field = /^field_(\w+)$/.exec(question.code);
    if (field) return say("q_field", { name: config.terms[field[1]] || field[1] });
    if (question.code === "crs_shifted") return say("q_crs_shifted", { name: Getu.shortSystem(question.options[0]) });
    const own = { crs_doubtful: "q_crs_doubtful", repair_changes_area: "q_repair", several_layers: "q_layer", unknown_layer: "q_layer", encoding_unclear: "q_encoding", codes_missing: "q_codes" }[question.code];
    if (own) return say(own);
    return isCrs(question) ? say("q_crs") : Getu.half(question.message);
  };

  /* What speaks for the question, in one sentence; all the evidence stands beside what was found. */
  Getu.leadOf = function (question, report) {
    const { shift_m: shift, shift_bearing_deg: way, declared } = report.crs;
    if (question.code !== "crs_shifted" || !shift) return Getu.half(question.message);
    return say("lead_shifted", { declared: Getu.declaredSystem(declared), way: Getu.way(way), metres: Getu.metres(shift), name: Getu.shortSystem(question.options[0]) });
  };

  function optionOfField(value, report) {
    if (value === "@none") return { name: say("option_no_column"), more: "" };
    if (value === "@row") return { name: say("option_row"), more: "1、2、3…" };
    const column = (report.columns || []).find((one) => one.name === value);
    const cells = column ? column.sample.filter(Boolean).slice(0, 3).join(say("and")) : "";
    return { name: value, more: cells ? say("cells_like", { cells }) : "" };
  }
  function optionOfSystem(value, question, report) {
    const found = (report.crs.hypotheses || []).find((one) => one.used === value);
    const far = found && found.distance_m !== null && found.distance_m !== undefined ? say("rest_by", { metres: Getu.metres(found.distance_m) }) : "";
    const sure = value === question.options[0] ? Getu.sure(report.crs.confidence) : "";
    const shifted = question.code === "crs_shifted";
    const plain = value === "EPSG:4326" || value === "EPSG:4490";
    const name = shifted ? say(plain ? "take_as" : "convert_from", { name: Getu.shortSystem(value) }) : Getu.shortSystem(value);
    return { name, detail: shifted ? "" : Getu.longSystem(value), more: [sure, far].filter(Boolean).join("·") };
  }
  /* One option of a question: its name, a second line, and what stands at its end. */
  Getu.optionOf = function (value, question, report) {
    if (value === "accept") return { name: say(question.code === "repair_changes_area" ? "option_accept_repair" : question.code === "crs_doubtful" ? "option_accept_doubtful" : "option_accept"), more: "" };
    if (value === "leave_out") return { name: say("option_leave_out"), more: "" };
    if (question.code === "codes_missing" && value === "@row") return { name: say("option_number"), more: "" };
    if (/^field_/.test(question.code)) return optionOfField(value, report);
    if (CRS.test(question.code)) return optionOfSystem(value, question, report);
    const told = (question.choices || []).find((one) => one.value === value);
    return { name: told ? Getu.half(told.zh + " / " + told.en) : value, more: "" };
  };
  Getu.takesOtherSystem = (question) => CRS.test(question.code);

  const DO = [
    [/zip|archive|truncat|broken|cut|empty|bomb|corrupt|locked/, "do_archive"],
    [/large|limit|many|deep|vertices|memory|time/, "do_size"],
    [/no_shp|no_table|part|missing/, "do_parts"],
    [/format|content|driver|unknown_suffix|not_taken/, "do_format"],
    [/crs|system|coordinates/, "do_crs"],
  ];
  Getu.whatToDo = (code) => say((DO.find(([pattern]) => pattern.test(code)) || [0, "do_default"])[1]);

  /* A table in pages of a hundred rows: the page holds the first part, the report file holds all. */
  Getu.drawPaged = function (head, rows, draw, SIZE = 100) {
    let at = 0;
    const body = el("tbody");
    const told = el("span.cap.grow", { role: "status" });
    const back = el("button.btn.icon", { type: "button", "aria-label": say("prev_page"), onclick: () => show(at - SIZE) }, icon("left"));
    const next = el("button.btn.icon", { type: "button", "aria-label": say("next_page"), onclick: () => show(at + SIZE) }, icon("right"));
    function show(from) {
      at = from;
      table.scrollTop = 0;
      body.replaceChildren(...rows.slice(at, at + SIZE).map(draw));
      told.textContent = say("first_n_of", { from: number(at + 1), to: number(Math.min(at + SIZE, rows.length)), n: number(rows.length) });
      back.disabled = at === 0;
      next.disabled = at + SIZE >= rows.length;
    }
    const table = el("div.table-scroll.tall", { tabindex: "0" }, el("table.dense", {}, el("thead", {}, el("tr", {}, head.map(([words, look]) => el("th" + (look || ""), { scope: "col" }, words)))), body));
    show(0);
    return [table, rows.length > SIZE ? el("div.pager.row", {}, told, back, next) : null].filter(Boolean);
  };
})();
