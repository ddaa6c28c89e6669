/* Getu 格图 · the search box: what is found, and where it leads. */
(function () {
  "use strict";
  const { el, say } = window.Getu;

  const NAMES = { cgcs2000: "CGCS2000", wgs84: "WGS 84", gcj02: "GCJ-02", bd09: "BD-09" };

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

  Getu.wireSearch = function (map, openCard, choose) {
    const box = Getu.find("#q");
    const list = Getu.find("#results");
    let rows = [];
    let at = -1;
    let asked = 0;
    const hide = () => ((list.hidden = true), box.setAttribute("aria-expanded", "false"), box.removeAttribute("aria-activedescendant"));

    async function take(row) {
      hide();
      box.blur();
      pin(row);
      if (row.kind === "customer" && Getu.cards && !Getu.config.data) return Getu.cards.open("customer", row.id, true);
      if (row.kind === "grid") return openCard(row.id, true);
      if (row.kind === "manager" || row.kind === "branch") {
        await Getu.needPeople().catch(() => null);
        const known = Getu.config[row.kind === "branch" ? "branches" : "managers"] || [];
        if (known.some((one) => one.id === row.id)) return choose(row.kind, row.id);
      }
      if (row.bbox) map.fitBounds([[row.bbox[1], row.bbox[0]], [row.bbox[3], row.bbox[2]]], { padding: [48, 48], maxZoom: 15 });
      else if (row.lon !== undefined && row.lon !== null) map.setView([row.lat, row.lon], 15);
      if (row.grid_id) openCard(row.grid_id);
    }

    /* Where a position, an address or an outlet is: a mark that stays until the next search. */
    let mark = null;
    function pin(row) {
      if (mark) mark.remove();
      const spot = ["position", "address"].includes(row.kind) && typeof row.lon === "number";
      mark = spot ? L.circleMarker([row.lat, row.lon], { radius: 8, color: "#fff", weight: 2.5, fillColor: "#074853", fillOpacity: 1, interactive: false }).addTo(map) : null;
      if (mark) map.once("click", () => mark && (mark.remove(), (mark = null)));
    }

    /* What stands beside a name: of a position how it was read, of an address how sure it is. */
    function factsOf(row) {
      if (row.kind === "position") return [say("search_in_datum", { datum: NAMES[row.datum] }), row.turned ? say("search_turned") : ""];
      if (row.kind === "address") return [row.score === undefined ? "" : say("search_unsure", { share: Math.round(100 * row.score) + "%" })];
      return [row.kind === "customer" ? "" : row.code, row.detail];
    }

    function draw() {
      const none = el("li.none", { role: "option", "aria-selected": "false" }, el("span.t", {}, say("no_results"), Getu.config.data ? null : el("span.cap", {}, say("search_hint"))));
      list.replaceChildren(...(rows.length ? rows.map((row, n) => option(row, n)) : [none]));
      list.hidden = false;
      box.setAttribute("aria-expanded", "true");
      if (at >= 0) box.setAttribute("aria-activedescendant", "r" + at);
    }
    function option(row, n) {
      const facts = factsOf(row).filter(Boolean).join("·");
      const kind = el("span.badge", {}, Getu.config.words["kind_" + row.kind] || row.kind);
      return el("li", { role: "option", id: "r" + n, "aria-selected": String(n === at), onmousedown: (e) => (e.preventDefault(), take(row)) }, kind, el("span.t", {}, el("b", {}, row.name), el("span.cap", {}, facts)));
    }

    async function look() {
      const words = box.value.trim();
      const turn = ++asked;
      if (!words) return hide();
      try {
        const found = Getu.config.data ? searchHere(words) : (await Getu.ask("/api/v1/search?q=" + encodeURIComponent(words) + (Getu.datum ? "&datum=" + Getu.datum.asked() : ""))).results;
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
  };
})();
