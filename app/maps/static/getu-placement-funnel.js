/* Getu 格图 · the funnel of the placement desk: each figure with its share, what is lost, the ladder; all open lists. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number, share } = Getu;
  /* One rung more than the tokens have: pinned by hand is darker than any. */
  const SHADES = { 1: "#042f37", 2: "var(--rung-1)", 3: "var(--rung-2)", 4: "var(--rung-3)", 5: "var(--rung-4)", 6: "var(--rung-5)", 0: "var(--rung-0)" };
  const STEPS = [
    ["imported", "var(--rung-5)", ""],
    ["readable", "var(--rung-4)", "unreadable"],
    ["village_known", "var(--rung-3)", "village_unclear"],
    ["located", "var(--rung-2)", "village_only"],
    ["point", "var(--rung-1)", ""],
  ];
  const ORDER = [1, 2, 3, 4, 5, 6, 0];
  Getu.rungShade = (rung) => SHADES[rung];

  const exact = (n) => Number(n).toLocaleString("en");
  function figure(step, n, inside, open) {
    const what = say("step_" + step) === "step_" + step ? say(step) : say("step_" + step);
    return el("button.fig", { type: "button", title: exact(n), "aria-label": say("open_list", { what, n: exact(n) }), onclick: () => open(step, what) }, inside);
  }

  function bar([key, colour, lost], funnel, open) {
    const n = funnel[key];
    const of = funnel.of[key];
    const head = figure(key, n, [el("span.b", {}, say("step_" + key)), el("span", {}, el("span.b", {}, number(n)), el("span.cap.share", {}, share(n, of)))], open);
    const track = el("div.bar-t", { role: "img", "aria-label": say("step_" + key) + " " + share(n, of) }, el("i", { style: "width:" + (of ? (100 * n) / of : 0) + "%;background:" + colour }));
    const loss = lost && funnel[lost] ? figure(lost, funnel[lost], "↳ " + say("lost_" + lost, { n: number(funnel[lost]) }), open) : null;
    return el("li", {}, head, track, el("div.loss", {}, loss));
  }

  function ladder(funnel, open) {
    const total = funnel.imported || 1;
    const rungs = ORDER.map((rung) => [rung, funnel.rungs[rung] || 0]);
    const strip = el("div.ladder", { role: "img", "aria-label": say("ladder_all", { n: number(funnel.imported) }) }, rungs.filter(([, n]) => n).map(([rung, n]) => el("i", { style: "width:" + (100 * n) / total + "%;background:" + SHADES[rung] })));
    const line = ([rung, n]) => el("li", {}, figure("rung_" + rung, n, [el("span.sw", { style: "background:" + SHADES[rung] }), say("rung_" + rung), el("b", {}, number(n))], open));
    return el("div.ladder-block", {}, el("h3", {}, say("ladder_all", { n: number(funnel.imported) })), strip, el("ul.ladder-k", {}, rungs.map(line)), el("p.cap", {}, say("ladder_note")));
  }

  Getu.drawFunnel = function (funnel, open) {
    const place = Getu.find("#funnel");
    Getu.find("#funnel-of").textContent = say("funnel_of", { n: number(funnel.imported) });
    const unknown = funnel.village_unknown;
    const foot = el("div.funnel-foot", {}, el("button.btn.wide", { type: "button", id: "village-unknown", title: exact(unknown), onclick: () => open("village_unknown", say("step_village_unknown")) }, icon("list"), say("step_village_unknown") + " " + number(unknown)));
    place.replaceChildren(el("ul.steps-bars", {}, STEPS.map((step) => bar(step, funnel, open))), ladder(funnel, open), foot);
    place.removeAttribute("aria-busy");
  };
})();
