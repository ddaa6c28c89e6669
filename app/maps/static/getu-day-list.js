/* Getu 格图 · today: the month's ring, what else waits, and whom to call on. */
(function () {
  "use strict";
  const { el, icon, say, find, day } = Getu;
  const AROUND = 2 * Math.PI * 42;

  function ring(n, of) {
    const share = of ? Math.min(1, n / of) : 0;
    const box = el("div", {});
    box.innerHTML = '<svg viewBox="0 0 96 96" aria-hidden="true"><circle cx="48" cy="48" r="42"/><circle cx="48" cy="48" r="42"/></svg>';
    const arc = box.querySelectorAll("circle")[1];
    arc.setAttribute("stroke-dasharray", share * AROUND + " " + AROUND);
    if (!share) arc.setAttribute("stroke", "none");
    return el("div.day-ring", {}, box.firstChild, el("div", {}, el("b", {}, of ? (share < 0.1 && n ? (share * 100).toFixed(1) : Math.round(share * 100)) + "%" : "—"), el("span.cap", {}, say("month_ring"))));
  }
  function month({ month: { visited, filed, existing }, grids }) {
    const of = (n) => say("month_of", { n: Getu.number(n), of: Getu.number(existing) });
    const line = (key, words, big) => el("div" + (big ? ".big" : ""), {}, el("dt", {}, say(key)), el("dd", {}, words));
    return el("div.card.day-month", {}, ring(visited, existing), el("dl.day-facts", {}, line("month_visited", of(visited), true), line("month_filed", of(filed)), line("month_grids", say("month_grids_n", { n: grids.length }))));
  }
  function tasks({ tasks: { problems, late_problems, offers } }) {
    const line = (address, words, late) => el("a", { href: address }, words, late ? el("span.badge.warn", {}, late) : null, icon("right"));
    const lines = [
      offers ? line("/plans", say("task_offers", { n: offers })) : null,
      problems ? line("/scheme", say("task_problems", { n: problems }), late_problems ? say("task_late", { n: late_problems }) : null) : null,
    ].filter(Boolean);
    return lines.length ? el("nav.card.day-tasks", { "aria-label": say("tasks") }, lines) : null;
  }

  Getu.sortDue = function () {
    const rank = { strategic: 0, key: 1, regular: 2 };
    const far = (one) => (Getu.farOf(one) === null ? Infinity : Getu.farOf(one));
    if (!day.due || day.by !== "distance" || !day.fix) return day.due ? day.due.customers : [];
    return [...day.due.customers].sort((a, b) => rank[a.tier] - rank[b.tier] || far(a) - far(b) || 0);
  };
  function order() {
    const button = (by) => el("button", { type: "button", "aria-pressed": String(day.by === by), onclick: () => Getu.chooseOrder(by) }, say("due_by_" + by));
    return el("div.seg.day-seg", { role: "group", "aria-label": say("due_order") }, button("distance"), button("grid"));
  }
  function due() {
    const rows = Getu.sortDue();
    if (!day.facts.grids.length) return empty("due_no_grid", "due_no_grid_why");
    if (!rows.length) return empty("due_none", "due_none_why");
    const list = el("ul.day-due", { id: "due" }, rows.map((one, at) => Getu.dueRow(one, at + 1, Getu.openCard)));
    const more = day.due.total > rows.length ? el("p.cap.day-foot", {}, say("due_more", { n: rows.length, total: Getu.number(day.due.total) })) : null;
    return el("section.card", { "aria-labelledby": "due-title" }, el("header", {}, el("h2", { id: "due-title" }, say("due")), order()), day.fault ? el("div.day-foot", {}, Getu.warn(say(day.fault))) : null, list, more);
  }
  const empty = (title, why) => el("div.card", {}, el("div.empty", {}, icon("check"), el("h2", {}, say(title)), el("span", {}, say(why))));

  Getu.drawToday = function () {
    const place = find("#today");
    if (!day.facts) {
      const words = day.failed ? el("div.empty", { role: "alert" }, icon("alert"), el("b", {}, say("failed")), el("span", {}, day.failed), el("button.btn.lg", { type: "button", onclick: () => Getu.loadDay() }, say("retry"))) : [1, 2, 3, 4].map(() => el("div.pin-bone", {}));
      return place.replaceChildren(el("div.card", {}, words));
    }
    const kept = day.kept ? Getu.warn(say("due_kept", { at: Getu.shortTime(day.kept) })) : null;
    place.replaceChildren(...[kept, month(day.facts), tasks(day.facts), due()].filter(Boolean));
  };
  Getu.drawHead = function () {
    const now = new Date(day.facts && !day.kept ? day.facts.day + "T12:00" : Date.now());
    const date = say("day_date", { month: now.getMonth() + 1, day: now.getDate() });
    const plan = day.facts && day.facts.plan ? say("day_plan", { plan: day.facts.plan }) : null;
    find("#day-date").textContent = [date, say("weekday_" + now.getDay()), plan].filter(Boolean).join("·");
    const name = Getu.config.person;
    const key = !day.due ? "day_waiting_for" : day.due.total ? "day_left" : "day_clear";
    find("#day-title").textContent = say(key, { name, n: day.due ? Getu.number(day.due.total) : "" });
  };
  day.listeners.push(Getu.drawHead, Getu.drawToday);
})();
