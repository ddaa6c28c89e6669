/* Getu 格图 · the list of customers that opens over the map: masked, a page at a time, walked with the arrows. */
(function () {
  "use strict";
  const { el, icon, say, number } = window.Getu;
  const COLUMNS = ["name", "standing", "tier", "ladder", "phone", "address", "last_visit"];
  const PAGE = 50;

  function cells(c, take) {
    const name = el("button.row-btn.link", { type: "button", onclick: take }, c.name);
    return [name, say("standing_" + c.standing), say("tier_" + c.tier), say("rung_" + c.rung), c.phone || "—", el("span.addr", { title: c.address || "" }, c.address || "—"), c.last_visit_on || "—"];
  }
  const joined = (address, query) => address + (query ? "?" + query : "");

  /* `address` lists them, `query` is the cut, `file` the address of the same as a file for who may take one. */
  Getu.openCustomers = async function ({ title, address, query, file, note }) {
    const dialog = Getu.find("#list");
    const body = el("tbody");
    const told = el("span.cap.grow", { role: "status" });
    const more = el("button.btn", { type: "button", hidden: true });
    const head = el("thead", {}, el("tr", {}, COLUMNS.map((c) => el("th", { scope: "col" }, say(c)))));
    const shut = el("button.btn.ghost.icon", { type: "button", "aria-label": say("close"), onclick: () => dialog.close() }, icon("x"));
    const take = (file && Getu.can("export_customers") && el("a.btn", { href: joined(file, query), download: "" }, icon("download"), "XLSX")) || null;
    dialog.replaceChildren(el("header", {}, el("div", {}, el("h2", { id: "list-title", tabindex: "-1" }, title), el("span.cap", {}, [note, say("masked_note")].filter(Boolean).join(" "))), shut), el("div.scroll", {}, el("table.dense.as-cards", {}, head, body)), el("div.foot", {}, told, take, more));
    Getu.walkRows(body);
    let next = null;
    async function load() {
      more.disabled = true;
      try {
        const asked = [query, "limit=" + PAGE, next ? "after=" + next : ""].filter(Boolean).join("&");
        const page = await Getu.ask(joined(address, asked));
        for (const c of page.customers) body.append(el("tr", {}, cells(c, () => (dialog.close(), Getu.cards.open("customer", c.id))).map((cell, at) => el("td.c-" + COLUMNS[at], { "data-h": say(COLUMNS[at]) }, cell))));
        next = page.next;
        const shown = body.children.length;
        told.textContent = shown ? say("shown_of", { n: number(shown), of: number(page.total) }) : say(query ? "no_such_customers" : "no_customers");
        more.hidden = !next || shown >= page.total;
        more.textContent = say("more", { n: Math.min(PAGE, page.total - shown) });
      } catch (error) {
        told.textContent = error.message;
      }
      more.disabled = false;
    }
    more.addEventListener("click", async () => {
      const from = body.children.length;
      await load();
      const first = body.children[from] && body.children[from].querySelector(".row-btn");
      if (first) first.focus();
    });
    dialog.showModal();
    await load();
    const first = body.querySelector(".row-btn");
    if (first) first.focus();
  };

  /* The customers of a grid, all or cut: {standing: "prospect"}. */
  Getu.openGridList = function (grid, cut) {
    const address = "/api/v1/grids/" + grid.id + "/customers";
    const note = cut ? Object.entries(cut).map(([key, value]) => say(key + "_" + value)).join("·") + "。" : "";
    return Getu.openCustomers({ title: say("customers_of", { grid: grid.name }), address, query: new URLSearchParams(cut || {}).toString(), file: address + ".xlsx", note });
  };
})();
