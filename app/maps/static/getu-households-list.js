/* Getu 格图 · the list of households: figures above, filters, rows; nothing here decides. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number, share } = Getu;
  const zh = Getu.config.lang === "zh";
  const BANDS = ["sure", "likely", "possible"];
  const LOOK = { sure: "ok", likely: "info", possible: "warn" };

  /* Cut, not rounded: 1.00 is said only of what is certain. */
  Getu.sure = (confidence) => (Math.floor(Number(confidence) * 100 + 1e-9) / 100).toFixed(2);
  Getu.bandBadge = (one) => el("span.badge." + LOOK[one.band], {}, say("band_" + one.band) + " " + Getu.sure(one.confidence));
  /* The head stands for the household, else its surest member. */
  Getu.nameOf = function (one) {
    const head = one.members.find((member) => member.customer_id === one.head_customer_id) || one.members[0];
    const name = head ? head.name : "—";
    return one.persons > 1 ? say("home_of_n", { name, n: one.persons }) : say("home_of", { name });
  };
  Getu.whereOf = (one) => [one.town, one.village || say("no_village")].filter(Boolean).join(" ");

  function stat(label, value, of) {
    const shown = typeof value === "number" ? number(value) : value;
    const title = typeof value === "number" ? Number(value).toLocaleString("en") : null;
    return el("div.stat", {}, el("dt", {}, label), el("dd.v", { title }, shown), el("dd.cap", { title: of }, of));
  }
  Getu.drawSum = function (sum) {
    const bands = BANDS.map((band) => stat(say("band_" + band), sum.bands[band], say("of_homes", { n: number(sum.households), share: share(sum.bands[band], sum.households) })));
    const place = Getu.find("#sum");
    place.replaceChildren(
      stat(say("n_homes"), sum.households, say("of_customers", { n: number(sum.placed), of: number(sum.customers) })),
      stat(say("n_members"), sum.members, say("of_placed", { n: number(sum.placed), share: share(sum.members, sum.placed) })),
      stat(say("n_confirmed"), sum.confirmed, say("of_homes", { n: number(sum.households), share: share(sum.confirmed, sum.households) })),
      ...bands,
    );
    place.removeAttribute("aria-busy");
  };

  Getu.drawFilters = function (desk) {
    const state = (key) => el("button", { type: "button", "data-state": key, "aria-pressed": String(desk.state === key), onclick: () => desk.filter({ state: key }) }, say("state_" + key));
    const option = (band) => el("option", { value: band, selected: desk.band === band }, say("band_" + (band || "any")));
    const bands = el("select.input.small", { id: "band", "aria-label": say("band"), onchange: (event) => desk.filter({ band: event.target.value }) }, ["", ...BANDS].map(option));
    const find = el("input.input.small", { id: "find", type: "search", autocomplete: "off", maxlength: "40", value: desk.q, placeholder: say("find_member"), "aria-label": say("find_member") });
    let timer = 0;
    find.addEventListener("input", () => (clearTimeout(timer), (timer = setTimeout(() => desk.filter({ q: find.value.trim() }, true), 300))));
    find.addEventListener("keydown", (event) => {
      if (event.key === "Escape" || (event.key === "Enter" && !event.isComposing)) find.blur();
    });
    Getu.find("#filters").replaceChildren(el("div.seg", { role: "group", "aria-label": say("homes_list") }, state("proposed"), state("confirmed")), bands, find);
  };

  function reasonsOf(one) {
    const codes = new Map();
    for (const member of one.members) for (const reason of member.reasons) codes.set(reason.code, zh ? reason.zh : reason.en);
    const first = ["same_roster_no", "same_flat", "same_house", "same_number", "same_phone", "relation_fits"];
    return first.filter((code) => codes.has(code)).slice(0, 2).map((code) => codes.get(code)).join("·");
  }
  function drawRow(one, at, desk) {
    const hidden = one.hidden ? say("hidden_n", { n: one.hidden }) : "";
    return el("div.home-row", { role: "option", id: "home-" + one.id, "data-id": one.id, "aria-selected": String(at === desk.at), onclick: () => desk.open(at, true) }, el("span.ttl", {}, Getu.nameOf(one)), el("span.end.b", {}, Getu.sure(one.confidence)), el("span.cap", {}, [Getu.whereOf(one), hidden].filter(Boolean).join("·")), el("span.end.cap", {}, say("band_" + one.band)), el("span.cap", { style: "grid-column:1/-1" }, reasonsOf(one)));
  }
  function drawEmpty(desk) {
    if (desk.q || desk.band) return el("div.empty", {}, icon("search"), el("b", {}, say("nothing_like_it")), el("button.btn", { type: "button", onclick: () => desk.filter({ q: "", band: "" }) }, say("clear_all")));
    return el("div.empty", {}, icon("check"), el("b", {}, say("nothing_proposed")), el("span", {}, say("nothing_proposed_why")));
  }
  Getu.drawRows = function (desk) {
    const place = Getu.find("#rows");
    place.replaceChildren(...(desk.rows.length ? desk.rows.map((one, at) => drawRow(one, at, desk)) : [drawEmpty(desk)]));
    place.removeAttribute("aria-busy");
    place.setAttribute("role", desk.rows.length ? "listbox" : "region"); // a list of choices has choices
    const more = desk.next ? el("button.btn", { type: "button", id: "more", onclick: () => desk.more() }, say("more_homes")) : null;
    const keys = el("span.row.cap", {}, el("span.kbd", {}, "J"), el("span.kbd", {}, "K"), say("updown"), el("span.kbd", {}, "Enter"), say("confirm"));
    Getu.find("#rows-foot").replaceChildren(...[el("span.cap", { role: "status" }, say("homes_of", { n: number(desk.rows.length), of: number(desk.total) })), more, keys].filter(Boolean));
    Getu.markRow(desk);
  };
  Getu.markRow = function (desk) {
    document.querySelectorAll(".home-row").forEach((row, at) => {
      row.setAttribute("aria-selected", String(at === desk.at));
      if (at === desk.at) {
        row.scrollIntoView({ block: "nearest" });
        Getu.find("#rows").setAttribute("aria-activedescendant", row.id);
      }
    });
  };
})();
