/* Getu 格图 · what a load would change: counts, the units by name, the faults it would bring, who would move. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const SORTS = ["new", "changed", "renamed", "vanished"];
  const FAULTS = ["overlap", "duplicate", "gap", "outside", "nested", "invalid", "sliver"];

  const stat = (key, value, look) => el("div.stat", {}, el("span.k", {}, say(key)), el("span.v" + (look || ""), { title: value === null || value === undefined ? "" : String(value) }, number(value)));
  const pair = (key, words) => [el("dt", {}, say(key)), el("dd.num", {}, words)];
  const known = (value, words) => (value === null || value === undefined ? "—" : words(value));
  const fault = (value) => (value ? ".fault" : "");

  /* The card of counts; a dash where nothing was counted, with the reason beneath. */
  Getu.drawTrial = function (report, waits) {
    const seen = report.preview;
    if (!seen) return el("section.card", {}, el("header", {}, el("h2", {}, say("trial"))), el("div.body.cap", {}, say(waits ? "trial_waits" : "trial_none")));
    const ground = seen.ground || {};
    const lost = report.rejected.filter((one) => one.row > 0).length;
    const units = el("div.stat-row", {}, stat("units_new", seen.new), stat("units_changed", seen.changed), stat("units_vanished", seen.vanished));
    const faults = el("div.stat-row", {}, stat("overlaps", ground.overlap, fault(ground.overlap)), stat("gaps", ground.gap, fault(ground.gap)), stat("slivers", ground.sliver));
    const moves = el("dl.kv.moves", {}, ...pair("will_move", known(seen.customers, (n) => say("customers_n", { n: number(n) }))), ...pair("balance", known(seen.balance_yuan, (n) => say("yuan", { n: Getu.money(n) }))), ...pair("managers_hit", known(seen.managers, (n) => say("people_n", { n: number(n) }))), ...pair("left_out_rows", say("rows_n", { n: number(lost) })));
    const why = [seen.ground_skipped, seen.customers_skipped].filter(Boolean).map((words) => el("p.cap", {}, Getu.half(words)));
    const badge = el("span.badge.brand-b", {}, say("trial_estimate") + (report.crs.used ? "·" + Getu.shortSystem(report.crs.used) : ""));
    return el("section.card", {}, el("header", {}, el("h2", {}, say("trial")), badge), el("div.body.col", { style: "gap:16px" }, units, faults, moves, why));
  };

  /* Units that the file has no more: they stay unless a person says that they end. */
  Getu.drawVanished = function (report, send) {
    const seen = report.preview;
    if (!seen || !seen.vanished || !send) return null;
    const now = seen.vanished_how === "end" ? "end" : "keep";
    const card = (value) => {
      const input = el("input", { type: "radio", name: "vanished", value, checked: value === now });
      input.addEventListener("change", () => send({ answers: { vanished: value === "end" ? "end" : null } }).catch((error) => Getu.toast(error.message)));
      return el("label.opt.option", {}, input, el("span.radio"), el("span.grow", {}, el("span.b", {}, say("vanished_" + value)), el("span.cap.block-line", {}, say("vanished_" + value + "_why"))));
    };
    return el("div.vanished", { role: "radiogroup", "aria-label": say("vanished_ask", { n: seen.vanished }) }, el("p.sec", {}, say("vanished_ask", { n: number(seen.vanished) })), el("div.vanished-pair", {}, card("keep"), card("end")));
  };

  /* Every unit that changes, by name: new ones first. */
  Getu.drawChanges = function (report) {
    const seen = report.preview && report.preview.units;
    if (!seen) return null;
    const rows = SORTS.flatMap((sort) => (seen[sort] || []).map((one) => ({ ...one, sort })));
    if (!rows.length) return null;
    const looks = { new: ".ok", changed: ".info", renamed: ".info", vanished: ".warn" };
    const note = (one) => [one.former_name ? say("former") + " " + one.former_name : "", one.area_change_percent ? say("area_changes", { percent: (one.area_change_percent > 0 ? "+" : "−") + Getu.percent(Math.abs(one.area_change_percent)) }) : ""].filter(Boolean).join("·");
    const draw = (one) => el("tr", {}, el("td.tag", {}, el("span.badge" + looks[one.sort], {}, say("units_" + one.sort))), el("td", {}, one.code), el("td.long", {}, one.name), el("td.long.mut", {}, note(one)));
    const told = SORTS.filter((sort) => report.preview[sort]).map((sort) => say("units_" + sort) + " " + number(report.preview[sort])).join("·");
    return el("section.card", {}, el("header", {}, el("h2", {}, say("unit_changes")), el("span.cap", {}, told)), ...Getu.drawPaged([[say("change_sort")], [say("unit_code")], [say("unit_name")], [""]], rows, draw, 10));
  };

  const size = (m2) => (m2 >= 10000 ? (m2 / 10000).toFixed(m2 < 1e6 ? 2 : 1) + " " + say("hectares") : number(m2) + " " + say("square_metres"));
  /* The largest faults that a load would bring. */
  Getu.drawFaults = function (report) {
    const rows = (report.preview && report.preview.findings) || [];
    if (!rows.length) return null;
    const draw = (one) => el("tr", {}, el("td.tag", {}, el("span.badge" + (["sliver", "nested"].includes(one.kind) ? "" : ".fault"), {}, say("finding_" + one.kind))), el("td.long", {}, one.codes.join(" × ")), el("td.num", {}, size(one.area_m2)), el("td.num", {}, Getu.metres(one.width_m) + " " + say("metres")));
    const counted = report.preview.ground || {};
    const told = FAULTS.filter((kind) => counted[kind]).map((kind) => say("finding_" + kind) + " " + number(counted[kind])).join("·");
    return el("section.card", {}, el("header", {}, el("h2", {}, say("faults_brought")), el("span.cap", {}, told)), ...Getu.drawPaged([[say("kind")], [say("units")], [say("area"), ".num"], [say("width"), ".num"]], rows, draw, 10));
  };
})();
