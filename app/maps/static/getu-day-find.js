/* Getu 格图 · customers: any of one's own by the beginning of a name; without a network those who are due. */
(function () {
  "use strict";
  const { el, icon, say, find, day } = Getu;
  let turn = 0;
  let soon = 0;

  const plain = (one) => ({ ...one, masked: one.name, tier: one.tier || "regular", grid: one.grid || { id: null, name: "—" }, lon: null, lat: null, pointed: false });
  function row(one) {
    const facts = [one.grid ? one.grid.name : "—", one.address].filter(Boolean).join("·");
    const words = el("span", { style: "min-width:0" }, el("span.t", {}, el("b", {}, one.name)), el("span.cap", {}, facts));
    return el("li", { style: "border-bottom:1px solid var(--line)" }, el("button.day-row", { type: "button", "data-customer": String(one.id), onclick: () => Getu.openCard(plain(one)) }, el("span.day-n", { "aria-hidden": "true" }, one.name.slice(0, 1)), words, icon("right")));
  }
  function local(q) {
    const rows = (day.due ? day.due.customers : []).filter((one) => Getu.nameOf(one).startsWith(q));
    return [el("li.day-foot", {}, Getu.warn(say("find_offline"))), ...rows.map((one, at) => Getu.dueRow(one, at + 1, Getu.openCard))];
  }
  Getu.drawCustomers = async function () {
    if (day.tab !== "customers") return;
    const mine = ++turn;
    const q = find("#q").value.trim();
    const place = find("#customers");
    try {
      const page = await Getu.ask("/api/v1/placement/mine?q=" + encodeURIComponent(q));
      if (mine !== turn) return;
      const none = el("li", {}, el("div.empty", {}, icon("search"), el("b", {}, say("find_none"))));
      place.replaceChildren(...(page.customers.length ? page.customers.map(row) : [none]));
    } catch (error) {
      if (mine === turn) place.replaceChildren(...local(q));
    }
  };
  find("#q").addEventListener("input", () => (clearTimeout(soon), (soon = setTimeout(Getu.drawCustomers, 250))));
})();
