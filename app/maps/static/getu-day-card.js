/* Getu 格图 · a customer's card: a sheet from below with what is known, the phone when it is asked for, and the way to check in. */
(function () {
  "use strict";
  const { el, icon, say, find, day } = Getu;

  function facts(one) {
    const own = day.facts && day.facts.grids.some((grid) => grid.id === one.grid.id);
    const pairs = [
      ["card_tier", say("tier_" + one.tier)],
      ["card_filed", one.filed === undefined ? "—" : say(one.filed ? "card_filed_yes" : "card_filed_no")],
      ["card_last", one.last_visit_on || say("due_never")],
      ["card_grid", own ? say("card_own", { grid: one.grid.name }) : one.grid.name || "—"],
    ];
    return el("dl.kv", {}, pairs.flatMap(([key, words]) => [el("dt", {}, say(key)), el("dd", {}, words)]));
  }
  async function reveal(one, button) {
    button.disabled = true;
    try {
      const clear = await Getu.post("/api/v1/customers/" + one.id + "/reveal", { reason: say("card_phone_reason") });
      if (!find("#card").open) return;
      if (!clear.phone) return button.replaceWith(el("p.cap", { role: "status" }, say("card_no_phone")));
      const link = el("a.btn", { href: "tel:" + clear.phone.replace(/[^\d+]/g, ""), id: "call" }, icon("phone"), say("card_call", { phone: clear.phone }));
      button.replaceWith(link);
      link.focus();
    } catch (error) {
      button.disabled = false;
      Getu.toast(error.message);
    }
  }
  /* What the due list does not say is asked for, when there is a network. */
  async function complete(one) {
    if (one.filed !== undefined || !navigator.onLine) return one;
    const more = await Getu.ask("/api/v1/customers/" + one.id).catch(() => null);
    return more ? { ...one, ...more, name: one.name, masked: more.name } : one;
  }

  Getu.openCard = async function (row) {
    const one = await complete(row);
    const card = find("#card");
    const due = one.overdue_days === undefined ? null : Getu.tellDue(one);
    const far = Getu.farOf(one);
    const phone = el("button.btn", { type: "button", id: "phone", title: say("card_phone_why") }, icon("phone"), say("card_phone"));
    phone.addEventListener("click", () => reveal(one, phone));
    const pin = el("a.btn", { href: "/pin?customer=" + one.id }, icon("locate"), say("card_pin"));
    const check = el("button.btn.pri", { type: "button", id: "card-check", onclick: () => (card.close(), Getu.openForm({ customer: one })) }, icon("pin"), say("card_check_in"));
    const head = el("div.row", {}, el("h2.grow", { id: "card-title", tabindex: "-1" }, Getu.nameOf(one)), due && due.badge ? el("span.badge" + due.badge, {}, due.words) : null, far === null ? null : el("span.num", {}, Getu.tellFar(far)), el("button.btn.ghost.icon", { type: "button", "aria-label": say("card_close"), title: say("card_close"), style: "flex:none;width:48px", onclick: () => card.close() }, icon("x")));
    card.replaceChildren(el("div.body", {}, head, facts(one), el("div.day-buttons", {}, phone, pin, check)));
    card.showModal();
    find("#card-title").focus();
  };
  find("#card").addEventListener("click", (event) => event.target === find("#card") && find("#card").close());
})();
