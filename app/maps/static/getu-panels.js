/* Getu 格图 · what opens beside the map: the grid's card, its customers, the search, the print dialog. */
(function () {
  "use strict";
  const { el, icon, say, number } = window.Getu;

  /* The card of a grid. In a stand-alone file its facts lie in the page, else they are asked for. */
  function wireCard(map, painter, state) {
    const side = Getu.find("#side");
    let current = 0;
    function close() {
      current = 0;
      side.hidden = true;
      side.replaceChildren();
      painter.select(null);
      Getu.state.write({ grid: "" });
    }
    async function read(id) {
      if (!Getu.config.data) return Getu.ask("/api/v1/grids/" + id);
      return Getu.config.data.grids.features.find((f) => f.properties.grid_id === Number(id)).properties.card;
    }
    async function open(id, move) {
      current = Number(id);
      painter.select(id);
      Getu.state.write({ grid: String(id) });
      Getu.find("#tip").hidden = true;
      const late = setTimeout(() => current === Number(id) && (side.replaceChildren(Getu.drawBones()), (side.hidden = false)), 300);
      try {
        const grid = await read(id);
        if (current !== Number(id)) return;
        side.replaceChildren(Getu.drawCard(grid, { close, open: Getu.config.data || !Getu.config.sees_customers ? null : () => openList(grid) }));
        if (move && grid.bbox) map.fitBounds([[grid.bbox[1], grid.bbox[0]], [grid.bbox[3], grid.bbox[2]]], { paddingTopLeft: [48, 48], paddingBottomRight: [map.getSize().x > 860 ? 400 : 48, map.getSize().x > 860 ? 48 : 320], maxZoom: 14 });
      } catch (error) {
        side.replaceChildren(Getu.drawFailure(error, () => open(id, move), close));
      } finally {
        clearTimeout(late);
        side.hidden = !current;
      }
    }
    painter.on("click", (found) => {
      const id = (found.grid && found.grid.grid_id) || (found.top && found.top.grid_id);
      if (id) open(id);
      else if (current) close();
    });
    document.addEventListener("keydown", (e) => e.key === "Escape" && !document.querySelector("dialog[open]") && current && close());
    if (state.grid) open(state.grid);
    return open;
  }

  const COLUMNS = ["name", "standing", "tier", "ladder", "phone", "address", "last_visit"];
  function cells(c) {
    return [c.name, say("standing_" + c.standing), say("tier_" + c.tier), say("rung_" + c.rung), c.phone || "—", el("span.addr", { title: c.address || "" }, c.address || "—"), c.last_visit_on || "—"];
  }

  async function openList(grid) {
    const dialog = Getu.find("#list");
    const body = el("tbody");
    const told = el("span.cap.grow");
    const more = el("button.btn", { hidden: true });
    const head = el("thead", {}, el("tr", {}, COLUMNS.map((c) => el("th", { scope: "col" }, say(c)))));
    const close = el("button.btn.ghost.icon", { "aria-label": say("close"), onclick: () => dialog.close() }, icon("x"));
    const foot = el("div.foot", {}, told, more);
    dialog.replaceChildren(el("header", {}, el("div", {}, el("h2", { id: "list-title" }, say("customers_of", { grid: grid.name })), el("span.cap", {}, say("masked_note"))), close), el("div.scroll", {}, el("table.dense", {}, head, body)), foot);
    let next = null;
    async function load() {
      more.disabled = true;
      try {
        const page = await Getu.ask("/api/v1/grids/" + grid.id + "/customers?limit=50" + (next ? "&after=" + next : ""));
        for (const c of page.customers) body.append(el("tr", {}, cells(c).map((cell) => el("td", {}, cell))));
        next = page.next;
        const shown = body.children.length;
        told.textContent = shown ? say("shown_of", { n: number(shown), of: number(page.total) }) : say("no_customers");
        more.hidden = !next;
        more.textContent = say("more", { n: Math.min(50, page.total - shown) });
      } catch (error) {
        told.textContent = error.message;
      }
      more.disabled = false;
    }
    more.addEventListener("click", load);
    dialog.showModal();
    await load();
  }

  /* Without a server the search looks through what lies in the page. */
  function searchHere(words) {
    const { data, managers, branches } = Getu.config;
    const fits = (...texts) => texts.some((text) => text && text.toLowerCase().includes(words.toLowerCase()));
    const grids = data.grids.features.map((f) => f.properties).filter((p) => fits(p.name, p.code));
    return [
      ...branches.filter((b) => fits(b.name)).map((b) => ({ kind: "branch", id: b.id, name: b.name, code: b.code })),
      ...managers.filter((m) => fits(m.name, m.code)).map((m) => ({ kind: "manager", id: m.id, name: m.name, code: m.code })),
      ...grids.map((p) => ({ kind: "grid", id: p.grid_id, name: p.name, code: p.code, detail: p.manager, bbox: p.card.bbox })),
    ].slice(0, 12);
  }

  function wireSearch(map, openCard, choose) {
    const box = Getu.find("#q");
    const list = Getu.find("#results");
    let rows = [];
    let at = -1;
    let asked = 0;
    const hide = () => ((list.hidden = true), box.setAttribute("aria-expanded", "false"), box.removeAttribute("aria-activedescendant"));

    function take(row) {
      hide();
      box.blur();
      const known = (key) => Getu.config[key].some((one) => one.id === row.id);
      if (row.kind === "grid") return openCard(row.id, true);
      if (row.kind === "manager" && known("managers")) return choose("manager", row.id);
      if (row.kind === "branch" && known("branches")) return choose("branch", row.id);
      if (row.bbox) map.fitBounds([[row.bbox[1], row.bbox[0]], [row.bbox[3], row.bbox[2]]], { padding: [48, 48], maxZoom: 15 });
      else if (row.lon !== undefined && row.lon !== null) map.setView([row.lat, row.lon], 15);
      if (row.grid_id) openCard(row.grid_id);
    }

    function draw() {
      const none = el("li.none", { role: "option", "aria-selected": "false" }, say("no_results"));
      list.replaceChildren(...(rows.length ? rows.map((row, n) => option(row, n)) : [none]));
      list.hidden = false;
      box.setAttribute("aria-expanded", "true");
      if (at >= 0) box.setAttribute("aria-activedescendant", "r" + at);
    }
    function option(row, n) {
      const facts = [row.code, row.detail].filter(Boolean).join("·");
      const kind = el("span.badge", {}, Getu.config.words["kind_" + row.kind] || row.kind);
      return el("li", { role: "option", id: "r" + n, "aria-selected": String(n === at), onmousedown: (e) => (e.preventDefault(), take(row)) }, kind, el("span.t", {}, el("b", {}, row.name), el("span.cap", {}, facts)));
    }

    async function look() {
      const words = box.value.trim();
      const turn = ++asked;
      if (!words) return hide();
      try {
        const found = Getu.config.data ? searchHere(words) : (await Getu.ask("/api/v1/search?q=" + encodeURIComponent(words))).results;
        if (turn !== asked) return;
        rows = found;
        at = rows.length ? 0 : -1;
        draw();
      } catch (error) {
        if (turn === asked) Getu.toast(error.message);
      }
    }
    let soon = 0;
    box.addEventListener("input", () => (clearTimeout(soon), (soon = setTimeout(look, 160))));
    box.addEventListener("focus", () => box.value && look());
    box.addEventListener("blur", hide);
    box.addEventListener("keydown", (e) => {
      if (e.key === "Escape") return box.value ? ((box.value = ""), hide()) : box.blur();
      if (e.key === "Enter" && rows[at] && !list.hidden) return take(rows[at]);
      if (!["ArrowDown", "ArrowUp"].includes(e.key) || list.hidden || !rows.length) return;
      e.preventDefault();
      at = (at + (e.key === "ArrowDown" ? 1 : rows.length - 1)) % rows.length;
      draw();
      list.children[at].scrollIntoView({ block: "nearest" });
    });
    document.addEventListener("keydown", (e) => {
      if (e.key !== "/" || /INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) return;
      e.preventDefault();
      box.focus();
    });
  }

  function wirePrint() {
    const dialog = Getu.find("#print");
    if (!dialog) return;
    Getu.find("#open-print").addEventListener("click", () => {
      const chosen = Getu.find("#branch").value;
      for (const option of dialog.querySelectorAll("[data-id]")) if (option.dataset.id === chosen) option.selected = true;
      dialog.showModal();
    });
    Getu.find("#close-print").addEventListener("click", () => dialog.close());
    dialog.addEventListener("submit", () => dialog.close());
  }

  function wireBar() {
    const share = Getu.find("#share");
    if (!share) return;
    share.addEventListener("click", async () => {
      await navigator.clipboard.writeText(location.href).catch(() => null);
      Getu.toast(say("shared"));
    });
    const lang = Getu.find("#lang");
    lang.addEventListener("click", () => (lang.href = lang.getAttribute("href").split("#")[0] + location.hash));
    Getu.find("#sign-out").addEventListener("click", async () => {
      await Getu.ask("/api/v1/session", { method: "DELETE", headers: { "X-CSRF-Token": Getu.config.csrf } }).catch((error) => Getu.toast(error.message));
      location.assign("/login");
    });
  }

  Getu.wirePanels = function (map, painter, choose, state) {
    const openCard = wireCard(map, painter, state);
    wireSearch(map, openCard, choose);
    wirePrint();
    wireBar();
  };
})();
