/* Getu 格图 · small parts of the day: where the phone is, days and distances in words, rows of customers. */
(function () {
  "use strict";
  Getu.config = JSON.parse(Getu.find("#config").textContent);
  const { el, icon, say } = Getu;
  const EARTH_M = 6371000;

  /* What all views read: the day, who is due, the ground, where we are. `kept`: from this phone, since when. */
  const day = (Getu.day = { facts: null, due: null, ground: null, kept: null, fix: null, by: "grid", tab: "today", listeners: [] });
  day.changed = () => day.listeners.forEach((hear) => hear());

  Getu.measure = function (a, b) {
    const radians = Math.PI / 180;
    const x = (b.lon - a.lon) * radians * Math.cos(((a.lat + b.lat) / 2) * radians);
    return Math.round(Math.hypot(x, (b.lat - a.lat) * radians) * EARTH_M);
  };
  Getu.tellFar = (metres) => (metres < 1000 ? Getu.distance(Math.round(metres / 10) * 10) : Getu.distance(Math.round(metres / 100) / 10 * 1000).replace(/(\.\d)\d+/, "$1"));
  Getu.shortDay = (text) => (text || "").slice(5, 10);
  Getu.shortTime = (text) => new Date(text).toLocaleString(Getu.config.lang === "zh" ? "zh-CN" : "en-GB", { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  Getu.wordOf = (problem) => (problem && problem[Getu.config.lang === "zh" ? "detail_zh" : "detail_en"]) || say("failed");
  /* POST with the token; a stale one is fetched anew once. Throws with `wait` when there is no network. */
  Getu.post = async function (address, body) {
    const end = await Getu.sendOnce(address, { body: JSON.stringify(body) });
    if (end.answer) return end.answer;
    throw Object.assign(new Error(end.refused ? Getu.wordOf(end.refused) : say(end.wait)), end);
  };
  /* Names lie masked on a phone; in clear they are shown while the service answers. */
  Getu.nameOf = (one) => (one.name && !day.kept ? one.name : one.masked || one.name);

  Getu.tellDue = function (one) {
    if (one.overdue_days === null) return { words: say("due_never"), badge: "" };
    if (one.overdue_days === 0) return { words: say("due_today"), badge: ".warn" };
    return { words: say("due_overdue", { n: Getu.number(one.overdue_days) }), badge: ".warn" };
  };
  Getu.farOf = function (one) {
    if (!day.fix) return null;
    const grid = day.facts && day.facts.grids.find((grid) => grid.id === one.grid.id);
    if (one.lon !== null && one.lon !== undefined) return Getu.measure(day.fix, one);
    // Somewhere in the grid: as far as its middle and half its width.
    return grid && grid.lon !== null ? Getu.measure(day.fix, grid) + grid.reach_m : null;
  };
  Getu.dueRow = function (one, number, open) {
    const due = Getu.tellDue(one);
    const far = Getu.farOf(one);
    const tier = one.tier === "regular" ? null : el("span.badge.brand-b", {}, say("tier_" + one.tier));
    const late = due.badge ? el("span.badge" + due.badge, {}, due.words) : null;
    const facts = [one.grid.name, one.last_visit_on ? say("due_last", { day: Getu.shortDay(one.last_visit_on) }) : say("due_never")].join("·");
    const words = el("span", { style: "min-width:0" }, el("span.t", {}, el("b", {}, Getu.nameOf(one)), tier), el("span.cap", {}, facts));
    const told = far === null ? null : one.pointed ? Getu.tellFar(far) : say("due_about", { far: Getu.tellFar(far) });
    const side = el("span", { style: "display:flex;flex-direction:column;align-items:flex-end;gap:4px" }, told ? el("span.num", {}, told) : null, late);
    return el("li", {}, el("button.day-row", { type: "button", "data-customer": String(one.id), onclick: () => open(one) }, el("span.day-n" + (number === 1 ? ".first" : ""), { "aria-hidden": "true" }, String(number)), words, side));
  };
  Getu.warn = (words, kind) => el("div.note" + (kind || ".warn"), {}, icon("info"), el("div", {}, words));
})();
