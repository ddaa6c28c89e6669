/* Getu 格图 · what waits on this phone, always told: how many, why, and what may be done about it. */
(function () {
  "use strict";
  const { el, icon, say, find, day } = Getu;
  let waiting = [];
  let foreign = 0;
  let soon = 0;

  function bar() {
    const place = find("#waiting");
    const refused = waiting.filter((one) => one.refused).length;
    const sending = waiting.length - refused;
    place.hidden = !waiting.length && !foreign;
    place.classList.toggle("refused", refused > 0);
    const words = waiting.length ? say("wait_n", { n: waiting.length }) + (refused ? say("wait_refused_n", { n: refused }) : sending ? say("wait_auto") : "") : say("wait_others", { n: foreign });
    place.replaceChildren(icon(refused ? "alert" : "signal"), el("span.grow", {}, words), waiting.length ? icon("right") : "");
  }
  function subjectOf(one) {
    const { customer_id, grid_id } = one.body;
    if (grid_id) return { grid: (day.facts && day.facts.grids.find((grid) => grid.id === grid_id)) || { id: grid_id, name: one.subject, code: "" } };
    const due = day.due && day.due.customers.find((row) => row.id === customer_id);
    return { customer: due || { id: customer_id, name: one.subject, masked: one.subject, tier: "regular", grid: { id: null, name: "" }, lon: null, lat: null } };
  }
  function row(one) {
    const why = one.refused ? say("wait_refused", { why: Getu.wordOf(one.refused) }) : one.why ? say(one.why) : say("check_going");
    const facts = [Getu.shortTime(one.at), say("kind_" + one.body.kind), say("outcome_" + one.body.outcome), one.photos.length ? say("wait_photos_n", { n: one.photos.length }) : ""].filter(Boolean).join("·");
    const drop = el("button.btn", { type: "button" }, say("wait_drop"));
    drop.addEventListener("click", () => (drop.dataset.sure ? Getu.visits.remove(one.key) : ((drop.dataset.sure = "1"), (drop.textContent = say("wait_drop_sure")))));
    const mend = !one.refused ? null : one.photo_refused ? el("button.btn.pri", { type: "button", onclick: () => Getu.visits.dropPhotos(one) }, say("wait_drop_photo")) : el("button.btn.pri", { type: "button", onclick: () => (find("#queue").close(), Getu.openForm(subjectOf(one), { mending: one })) }, say("wait_mend"));
    return el("li.wait-row", {}, el("div.grow", {}, el("b", {}, one.subject), el("div.cap", {}, facts), el("div.cap", {}, why)), drop, mend);
  }
  function lines() {
    const dialog = find("#queue");
    if (!waiting.length) return dialog.open && dialog.close();
    const out = waiting.some((one) => one.why === "wait_signed_out") ? el("a.btn", { href: "/login?next=/day" }, say("wait_signed_out")) : null;
    const go = el("button.btn.pri", { type: "button", onclick: () => Getu.visits.flush() }, icon("upload"), say("wait_send_visits"));
    dialog.replaceChildren(el("div.body", {}, el("h2", { id: "queue-title" }, say("wait_n", { n: waiting.length })), el("p.cap", {}, say("visits_wait_why")), el("ul", {}, waiting.map(row)), out, el("div.row", {}, el("button.btn", { type: "button", onclick: () => dialog.close() }, say("close")), go)));
  }
  Getu.openQueue = () => waiting.length && (lines(), find("#queue").open || find("#queue").showModal());
  Getu.visits.listen((mine, others) => {
    const fewer = mine.length < waiting.length;
    [waiting, foreign] = [mine, others];
    bar();
    if (find("#queue").open) lines();
    if (fewer && navigator.onLine) clearTimeout(soon), (soon = setTimeout(() => (Getu.loadDay(), Getu.drawMe()), 300));
  });
  find("#waiting").addEventListener("click", Getu.openQueue);
})();
