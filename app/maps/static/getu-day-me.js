/* Getu 格图 · oneself: what one reported, other pages, the language, signing out (which leaves nothing of customers behind). */
(function () {
  "use strict";
  const { el, icon, say, find, day } = Getu;

  function report(one) {
    const marks = [one.late && "my_late", one.inside_grid === null && "my_no_place", one.inside_grid === false && "my_outside"].filter(Boolean);
    const facts = [Getu.shortTime(one.visited_at), one.grid_name, say("kind_" + one.kind), one.note].filter(Boolean).join("·");
    const photos = one.photos.map((id, at) => el("button.btn", { type: "button", onclick: () => look(id) }, icon("camera"), say("my_photo", { n: at + 1 })));
    return el("li.day-visit", {}, el("div.t", {}, el("b.b", {}, one.name || one.grid_name), el("span.badge" + (one.outcome === "absent" ? "" : ".brand-b"), {}, say("outcome_" + one.outcome)), ...marks.map((key) => el("span.badge.warn", {}, say(key)))), el("span.cap", {}, facts), photos.length ? el("div.row", {}, photos) : null);
  }
  function look(id) {
    const dialog = find("#queue");
    const image = el("img.day-seen", { src: "/api/v1/visits/photos/" + id, alt: say("check_photos") });
    image.addEventListener("error", () => image.replaceWith(Getu.warn(say("failed"))));
    dialog.replaceChildren(el("div.body", {}, el("h2", { id: "queue-title" }, say("check_photos")), image, el("button.btn", { type: "button", onclick: () => dialog.close() }, say("close"))));
    dialog.showModal();
  }
  async function leave() {
    await Getu.dayStore.forget();
    const end = await fetch("/api/v1/session", { method: "DELETE", credentials: "same-origin", headers: { "X-CSRF-Token": Getu.config.csrf || "" } }).catch(() => null);
    if (!end) return Getu.toast(say("wait_offline"));
    location.assign("/login?next=/day");
  }
  const link = (address, key, name) => el("a.line", { href: address }, icon(name), say(key), icon("right"));
  function pages() {
    const other = Getu.config.lang === "zh" ? "en" : "zh";
    const out = el("button.line", { type: "button", id: "sign-out", onclick: leave }, icon("out"), say("sign_out"));
    const words = say("serviceWorker" in navigator ? "my_offline_ready" : "my_offline_not");
    return el("section.card.day-me", { "aria-labelledby": "links-title" }, el("header", {}, el("h2", { id: "links-title" }, say("my_links"))), link("/", "my_full_map", "layers"), link("/pin", "my_pins", "locate"), link("/scheme", "my_scheme", "shield"), el("a.line", { href: "/day?lang=" + other, hreflang: other === "zh" ? "zh-CN" : "en" }, icon("share"), say("other_lang_long")), out, el("p.cap.day-foot", {}, words));
  }
  Getu.drawMe = async function () {
    if (day.tab !== "me") return;
    const list = el("ul", { id: "my-visits" });
    find("#me-tab").replaceChildren(el("section.card", { "aria-labelledby": "mine-title" }, el("header", {}, el("h2", { id: "mine-title" }, say("my_visits"))), list), pages());
    const rows = await Getu.ask("/api/v1/day/visits").catch(() => null);
    list.replaceChildren(...(rows && rows.length ? rows.map(report) : [el("li.day-foot.cap", {}, say(rows ? "my_visits_none" : "wait_offline"))]));
  };
})();
