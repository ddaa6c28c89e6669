/* Getu 格图 · how the ground desk says things: areas, widths, findings and their small pictures. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { say, number } = Getu;
  const zh = Getu.config.lang === "zh";
  const SVG = "http://www.w3.org/2000/svg";

  /* 312 平方米 · 12.6 公顷 · 3.62 平方公里 */
  Getu.areaOf = function (m2) {
    if (m2 === null || m2 === undefined) return "—";
    const n = Math.abs(Number(m2));
    if (n < 1e4) return (n < 10 && n > 0 ? n.toFixed(1) : number(Math.round(n))) + " " + say("g_m2");
    return n < 1e6 ? (n / 1e4).toFixed(1) + " " + say("hectares") : (n / 1e6).toFixed(2) + " " + say("g_km2");
  };
  Getu.widthOf = (m) => (m === null || m === undefined ? "—" : (m >= 1000 ? (m / 1000).toFixed(1) + " " + say("kilometres") : (m < 10 ? Number(m).toFixed(1) : Math.round(m)) + " " + say("metres")));
  Getu.half2 = (thing, key) => (thing && (thing[key + (zh ? "_zh" : "_en")] || thing[zh ? "zh" : "en"])) || "";
  Getu.wordsOf = (error) => error.message || say("failed");

  Getu.groupOf = (finding) => finding.group || (Getu.config.checks.find((check) => check.kind === finding.kind) || {}).group;
  const JOINS = { overlap: " × ", sliver: " × ", duplicate: " = ", nested: " ⊂ " };
  /* A nested grid comes before the one around it. */
  const ordered = (finding) => (finding.kind === "nested" ? [...(finding.names || [])].reverse() : finding.names || []);
  /* 货隆村 × 头甲村 · 正余镇空白 · 匡河村 */
  Getu.titleOf = function (finding) {
    const names = ordered(finding);
    if (finding.kind === "gap") return say(finding.town ? "g_gap_in" : names.length ? "g_gap_by" : "finding_gap", { town: finding.town, name: names[0] });
    if (!names.length) return say("finding_" + finding.kind);
    const join = JOINS[finding.kind] || (zh ? "、" : ", ");
    return names.length > 3 ? say("g_names_more", { names: names.slice(0, 2).join(join), n: names.length }) : names.join(join);
  };
  Getu.headlineOf = function (finding) {
    const names = ordered(finding);
    const key = "g_headline_" + finding.kind;
    if (finding.kind === "gap" || names.length < 1) return Getu.titleOf(finding);
    return Getu.config.words[key] && names.length > 1 ? say(key, { one: names[0], other: names[1] }) : names.join(zh ? "、" : ", ") + (zh ? "" : " ") + say("finding_" + finding.kind);
  };
  Getu.factsOf = function (finding) {
    const ground = finding.group !== "notice";
    const parts = [finding.town];
    if (ground && finding.width_m) parts.push(say("g_width", { w: Getu.widthOf(finding.width_m) }));
    if (ground) parts.push(say("g_customers_n", { n: number(finding.customers) }));
    else parts.push(say("finding_" + finding.kind));
    return parts.filter(Boolean).join("·");
  };

  /* must_fix blocks, confirm waits for a person, the rest is harmless. */
  Getu.severityOf = function (finding) {
    if (finding.state === "allowed") return ["ok", say("g_allowed")];
    if (finding.severity === "must_fix") return ["fault", say("g_must_fix")];
    if (finding.severity === "confirm") return ["warn", say("g_confirm")];
    return ["", say(finding.group === "notice" ? "g_notice" : "g_batch")];
  };

  const SHAPES = {
    overlap: ["M4 3h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM10 9h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H10a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1zM9 15l6-6M9 12l3-3M12 15l3-3"],
    gap: ["M4 3h16a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1z", "M12 8a4 4 0 1 0 .01 0z"],
    sliver: ["M3 18 21 7v11z"],
    nested: ["M4 3h16v18H4z", "M9 8h6v8H9z"],
    duplicate: ["M3 3h14v14H3z", "M7 7h14v14H7z"],
    invalid: ["M4 4l16 16V4L4 20z"],
    outside: ["M3 3h12v18H3z", "M15 9h6v6h-6"],
    multipart: ["M3 4h7v9H3z", "M14 11h7v9h-7z"],
    no_customers: ["M4 4h16v16H4z", "M9 15l6-6"],
    no_primary: ["M12 4a4 4 0 1 0 .01 0z", "M4 21c1-6 4-8 8-8s7 2 8 8", "M19 4l3 3M22 4l-3 3"],
    two_primaries: ["M8 5a3 3 0 1 0 .01 0zM16 5a3 3 0 1 0 .01 0z", "M3 20c.5-5 2-7 5-7s4.500 2 5 7M13 14c4-2 7.500 0 8 6"],
    branch_type: ["M3 21V9l9-6 9 6v12z", "M9 13h6M9 17h6"],
  };
  const DASHED = ["gap", "outside"];
  Getu.kindSign = function (finding) {
    const svg = document.createElementNS(SVG, "svg");
    const grave = finding.severity === "must_fix" && finding.state !== "allowed";
    const facts = { class: "kind", viewBox: "0 0 24 24", fill: "none", "stroke-width": "1.5", "stroke-linejoin": "round", "stroke-linecap": "round", stroke: grave ? "var(--map-fault)" : "var(--ink-2)", role: "img", "aria-label": say("finding_" + finding.kind) };
    for (const [key, value] of Object.entries(facts)) svg.setAttribute(key, value);
    (SHAPES[finding.kind] || SHAPES.invalid).forEach((d, at) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", d);
      if (!at && DASHED.includes(finding.kind)) path.setAttribute("stroke-dasharray", "3 2.5");
      svg.append(path);
    });
    return svg;
  };

  /* What an act is called where the server's own title is not there yet. */
  Getu.stepTitle = (step) => Getu.half2(step, "title") || say("g_act_" + step.act);
  /* 重叠 2 → 1，空白不变 */
  Getu.tellForecast = function (before, after, adds) {
    const changed = Object.keys({ ...before, ...after }).filter((kind) => (before[kind] || 0) !== (after[kind] || 0));
    const parts = changed.map((kind) => say("finding_" + kind) + " " + (before[kind] || 0) + " → " + (after[kind] || 0));
    if (!changed.length) parts.push(say("g_no_change"));
    parts.push(adds ? say("g_adds_n", { n: adds }) : say("g_adds_none"));
    return say("g_forecast", { what: parts.join(zh ? "，" : ", ") });
  };
})();
