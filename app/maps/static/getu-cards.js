/* Getu 格图 · the frame of the cards: which one is open, its address, its keys, and the sheet it is on a phone. */
(function () {
  "use strict";
  const { el, icon, say } = window.Getu;
  /* Kind -> where it is asked, who draws it, and the script that brings the drawing when the first is opened. */
  const KINDS = {
    grid: { ask: (id) => "/api/v1/grids/" + id, draw: "drawCard" },
    village: { ask: (id) => "/api/v1/villages/" + id + "/card", draw: "drawVillage", script: "ground" },
    manager: { ask: (id) => "/api/v1/managers/" + id + "/card", draw: "drawManager", script: "ground" },
    branch: { ask: (id) => "/api/v1/branches/" + id + "/card", draw: "drawBranch", script: "ground" },
    own: { ask: (id) => "/api/v1/map/own/features/" + id + "?lang=" + Getu.config.lang, draw: "drawOwn", script: "own" },
    customer: { ask: (id) => "/api/v1/customers/" + id + "/360", draw: "drawCustomer", script: "customer" },
  };
  const SHEETS = ["peek", "half", "full"];
  const one = { key: "", back: null, mark: null, sheet: "half" };
  let map = null;
  let painter = null;
  let side = null;

  const brought = {};
  function bring(name) {
    const address = (Getu.config.later || {})[name];
    if (!address) return Promise.resolve();
    return (brought[name] = brought[name] || new Promise((done, fail) => document.head.append(el("script", { src: address, onload: done, onerror: () => fail(new Error(say("failed"))) }))));
  }
  /* Words that the page does not carry: asked for once, with the first card or filter that says them. */
  let told = null;
  Getu.needWords = () => (told = told || (Getu.config.data ? Promise.resolve() : Getu.ask("/api/v1/map/words/cards?lang=" + Getu.config.lang).then((words) => Object.assign(Getu.config.words, words), (error) => ((told = null), Promise.reject(error)))));
  Getu.can = (right) => (Getu.config.may || []).includes(right);

  const drawBones = () => el("section.card.float.bones", { "aria-busy": "true", "aria-label": say("loading") }, el("span", { style: "width:40%" }), el("span", { style: "width:80%" }), el("span"), el("span", { style: "width:60%" }));
  const drawFailure = (error, retry) =>
    el("section.card.float", { "aria-labelledby": "card-title" }, el("div.empty", { role: "alert" }, icon("alert"), el("b", { id: "card-title", tabindex: "-1" }, error.status === 404 ? error.message : say("failed")), error.status === 404 ? null : el("span", {}, error.message), el("div.row", {}, error.status === 404 ? null : el("button.btn", { onclick: retry }, say("retry")), el("button.btn.ghost", { onclick: () => close() }, say("close")))));

  /* A card: its head, its blocks that scroll, its acts. `cap` are facts above the name. */
  Getu.drawFrame = function ({ cap, title, badges, blocks, foot }) {
    const shut = el("button.btn.ghost.icon", { "aria-label": say("close"), style: "color:var(--ink-3);margin:0 -8px 0 0", onclick: () => close() }, icon("x"));
    const name = el("h2", { id: "card-title", tabindex: "-1" }, title);
    const head = el("header", {}, el("div.grow", {}, el("div.cap", {}, cap), el("div.row.card-name", {}, name, badges || [])), shut);
    const acts = (foot || []).filter(Boolean);
    return el("section.card.float", { "aria-labelledby": "card-title" }, head, el("div.scroll", { tabindex: "0", "aria-labelledby": "card-title", role: "group" }, blocks.filter(Boolean)), acts.length ? el("div.foot", {}, acts) : null);
  };

  const fit = (box, zoom) => box && map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { paddingTopLeft: [48, 48], paddingBottomRight: map.getSize().x > 860 ? [400, 48] : [48, 320], maxZoom: zoom || 14 });
  function lift(lon, lat) {
    if (one.mark) one.mark.remove();
    one.mark = lon === undefined || lon === null ? null : L.circleMarker([lat, lon], { radius: 11, color: "#074853", weight: 3, fill: false, interactive: false }).addTo(map);
  }
  /* The point stands in what the card leaves free of the map. */
  function at(lon, lat) {
    const wide = map.getSize().x > 860;
    lift(lon, lat);
    map.setView([lat, lon], Math.max(map.getZoom(), 16), { animate: false });
    map.panBy(wide ? [184, 0] : [0, side.offsetHeight / 2], { animate: false });
  }

  function close() {
    if (!one.key) return;
    one.key = "";
    side.hidden = true;
    side.replaceChildren();
    painter.select(null);
    lift();
    Getu.state.write({ card: "", grid: "" });
    if (one.back && one.back.isConnected) one.back.focus({ preventScroll: true });
    one.back = null;
  }

  async function read(kind, id) {
    const { data } = Getu.config;
    if (!data) return Getu.ask(KINDS[kind].ask(id));
    const found = data.grids.features.find((f) => f.properties.grid_id === Number(id));
    return found && found.properties.card;
  }
  function show(card) {
    side.replaceChildren(handle(), card);
    side.hidden = false;
    const title = side.querySelector("#card-title");
    if (title) title.focus({ preventScroll: true });
  }

  async function open(kind, id, move) {
    if (!KINDS[kind]) return;
    const key = kind + ":" + id;
    if (!one.key) one.back = document.activeElement;
    one.key = key;
    Getu.state.write({ card: key, grid: "" });
    Getu.find("#tip").hidden = true;
    lift();
    if (kind === "grid") painter.select(id);
    else painter.select(null);
    const late = setTimeout(() => one.key === key && (side.replaceChildren(drawBones()), (side.hidden = false)), 300);
    try {
      const [about] = await Promise.all([read(kind, id), bring(KINDS[kind].script), Getu.needWords()]);
      if (one.key !== key) return;
      show(Getu[KINDS[kind].draw](about, { close, open, fit, at, under: one.under, again: () => open(kind, id) }));
      if (kind === "customer" && about.grid) painter.select(about.grid.id);
      side.hidden = false;
      if (kind === "customer" && about.place.point) lift(...about.place.point);
      if (move && about.place && about.place.point) at(...about.place.point);
      else if (move && about.bbox) fit(about.bbox);
    } catch (error) {
      if (one.key === key) show(drawFailure(error, () => open(kind, id, move)));
    } finally {
      clearTimeout(late);
      side.hidden = !one.key;
    }
  }

  /* On a phone the card is a sheet of three heights: the handle is dragged, pressed, or moved with the arrows. */
  function handle() {
    const bar = el("button.sheet-bar", { type: "button" });
    const set = (name) => {
      one.sheet = side.dataset.sheet = name;
      side.style.height = "";
      bar.setAttribute("aria-label", say("card_" + SHEETS[(SHEETS.indexOf(name) + 1) % 3]));
    };
    const step = (by) => set(SHEETS[Math.min(2, Math.max(0, SHEETS.indexOf(one.sheet) + by))]);
    let from = null;
    bar.addEventListener("pointerdown", (e) => ((from = { y: e.clientY, high: side.offsetHeight, moved: false }), bar.setPointerCapture(e.pointerId)));
    bar.addEventListener("pointermove", (e) => {
      if (!from || Math.abs(e.clientY - from.y) < 8) return;
      from.moved = true;
      side.style.height = Math.max(88, from.high + from.y - e.clientY) + "px";
    });
    bar.addEventListener("pointerup", () => {
      const dragged = from && from.moved;
      from = null;
      if (!dragged) return set(SHEETS[(SHEETS.indexOf(one.sheet) + 1) % 3]);
      const share = side.offsetHeight / side.parentElement.offsetHeight;
      bar.dataset.dragged = "yes";
      set(share < 0.3 ? "peek" : share < 0.7 ? "half" : "full");
    });
    bar.addEventListener("click", (e) => e.detail === 0 && set(SHEETS[(SHEETS.indexOf(one.sheet) + 1) % 3]));
    bar.addEventListener("keydown", (e) => {
      if (e.key === "ArrowUp" || e.key === "ArrowDown") (e.preventDefault(), step(e.key === "ArrowUp" ? 1 : -1));
    });
    set(one.sheet);
    return bar;
  }

  /* What a click on the map opens: a customer, the customers of a symbol, else the ground beneath. */
  function take(found) {
    const top = found.top || {};
    const grid = (found.grid && found.grid.grid_id) || top.grid_id;
    if (String(top.part).startsWith("own_") && top.id && !Getu.config.data) return (one.under = grid), open("own", top.id);
    if (Getu.config.sees_customers && !Getu.config.data) {
      if (top.part === "customers" && top.id) return open("customer", top.id);
      if (top.part === "key_clients" && top.number === 1 && top.id) return open("customer", top.id);
      if (top.part === "key_clients" && grid) return open("grid", grid);
    }
    if (grid) return open("grid", grid);
    close();
  }

  Getu.cards = { open, close, get current() { return one.key; } };
  Getu.wireCards = function (on, by, state) {
    map = on;
    painter = by;
    side = Getu.find("#side");
    painter.on("click", take);
    document.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || e.defaultPrevented || document.querySelector("dialog[open]")) return;
      if (!side.contains(document.activeElement) && /INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) return;
      close();
    });
    const [kind, id] = (state.card || (state.grid ? "grid:" + state.grid : "")).split(":");
    if (KINDS[kind] && /^\d+$/.test(id || "")) open(kind, id, !state.at);
    return (id, move) => open("grid", id, move);
  };
})();
