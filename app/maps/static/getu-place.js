/* Getu 格图 · what may be asked about a place: a small menu where one right-clicks, presses long, or presses the menu key. */
(function () {
  "use strict";
  const { el, icon, say } = window.Getu;
  const RING_M = 1000;
  let map = null;
  let menu = null;
  let drawn = null;

  function close(back) {
    if (menu) menu.remove();
    if (drawn) drawn.remove();
    menu = drawn = null;
    document.removeEventListener("keydown", press, true);
    document.removeEventListener("pointerdown", away, true);
    if (back) map.getContainer().focus({ preventScroll: true });
  }
  const away = (event) => menu && !menu.contains(event.target) && close();
  function press(event) {
    const items = [...menu.querySelectorAll("[role=menuitem]")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key !== "Escape" && (!step || !menu.contains(document.activeElement))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!step) return close(true);
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  }

  const line = (name, more) => el("div.place-line", {}, el("b", {}, name), more ? el("span.cap", {}, more) : null);
  const words = (key) => (Getu.config.lang === "zh" ? key + "_zh" : key + "_en");
  const asked = ([lon, lat]) => "lon=" + lon.toFixed(7) + "&lat=" + lat.toFixed(7);

  async function copy(at) {
    const text = Getu.datum.copy(at, Getu.datum.chosen());
    await navigator.clipboard.writeText(text).catch(() => null);
    Getu.toast(say("place_copied", { text: text + " (" + Getu.datum.name(Getu.datum.chosen()) + ")" }));
    close(true);
  }
  async function nearest(at) {
    const { outlets } = await Getu.ask("/api/v1/nearest-outlets?limit=3&" + asked(at));
    for (const one of outlets.slice(0, 1)) L.polyline([[at[1], at[0]], [one.lat, one.lon]], { color: "#074853", weight: 2, dashArray: "4 4", interactive: false, pane: "getu-place" }).addTo(drawn);
    return outlets.length ? outlets.map((one) => line(one.name, Getu.distance(one.distance_m < 1000 ? Math.round(one.distance_m) : Math.round(one.distance_m / 10) * 10))) : [line(say("place_no_outlet"))];
  }
  async function ring(at) {
    L.circle([at[1], at[0]], { radius: RING_M, color: "#074853", weight: 2, fillOpacity: 0.06, interactive: false, pane: "getu-place" }).addTo(drawn);
    const found = await Getu.ask("/api/v1/around?limit=1&radius_m=" + RING_M + "&beside=kind&" + asked(at));
    const beside = found.without_point ? say("place_ring_more", { n: Getu.number(found.without_point) }) : "";
    return [line(say("place_ring_told", { n: Getu.number(found.total) }), beside)];
  }
  async function who(at) {
    const found = await Getu.ask("/api/v1/locate?near_m=0&" + asked(at));
    if (!found.grid) return [line(say("place_no_grid"), found[words("message")])];
    const { grid, branch, manager } = found;
    const see = el("button.link", { type: "button", onclick: () => (close(), Getu.cards.open("grid", grid.id)) }, grid.name);
    return [el("div.place-line", {}, see, el("span.cap", {}, [grid.town_name, branch && branch.name].filter(Boolean).join("·"))), line(manager ? manager.name : say("place_nobody"), manager && manager.phone)];
  }
  async function lend(at) {
    await Getu.needPeople();
    const { branches } = Getu.config;
    const chosen = branches.length === 1 ? branches[0] : branches.find((one) => String(one.id) === Getu.find("#branch").value);
    if (!chosen) return [line(say("place_lend_branch"))];
    const body = JSON.stringify({ branch: chosen.code, point: { lon: at[0], lat: at[1], datum: "cgcs2000" } });
    const found = await Getu.ask("/api/v1/lending-check", { method: "POST", body, headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": Getu.config.csrf } });
    return [line(say("place_lend_" + found.answer), chosen.name), line(found[words("message")]), el("a.link", { href: "/api/v1/lending-checks/" + found.id + ".pdf", target: "_blank", rel: "noopener" }, "PDF")];
  }

  function open(latlng) {
    close();
    const at = [latlng.lng, latlng.lat];
    const told = el("div.place-told", { role: "status", "aria-live": "polite" });
    drawn = L.layerGroup().addTo(map);
    L.circleMarker(latlng, { radius: 5, color: "#fff", weight: 2, fillColor: "#074853", fillOpacity: 1, interactive: false, pane: "getu-place" }).addTo(drawn);
    async function answer(ask) {
      told.replaceChildren(el("span.cap", {}, say("loading")));
      try {
        const lines = await ask(at);
        if (menu) told.replaceChildren(...lines);
      } catch (error) {
        told.replaceChildren(line(error.message));
      }
      settle();
    }
    const item = (name, ask) => el("button", { type: "button", role: "menuitem", onclick: () => (ask === copy ? copy(at) : answer(ask)) }, say(name));
    const served = !Getu.config.data;
    const items = [item("place_copy", copy)];
    if (served) items.push(item("place_who", who), item("place_nearest", nearest));
    if (served && Getu.config.sees_customers) items.push(item("place_ring", ring));
    if (served && Getu.can && Getu.can("check_lending")) items.push(item("place_lend", lend));
    const shut = el("button.btn.ghost.icon", { type: "button", "aria-label": say("close"), onclick: () => close(true) }, icon("x"));
    menu = el("section.card.float.place-at", { "aria-label": say("place_menu") }, el("header", {}, el("span.num", {}, Getu.datum.tell(at, Getu.datum.chosen(), 6)), shut), el("span.cap", {}, Getu.datum.name(Getu.datum.chosen())), el("div.place-acts", { role: "menu", "aria-label": say("place_menu") }, items), told);
    Getu.find("#stage").append(menu);
    /* Beside the place, wholly within the map. */
    function settle() {
      if (!menu) return;
      const spot = map.latLngToContainerPoint(latlng);
      const size = map.getSize();
      menu.style.left = Math.max(8, Math.min(spot.x + 10, size.x - menu.offsetWidth - 8)) + "px";
      menu.style.top = Math.max(8, Math.min(spot.y + 10, size.y - menu.offsetHeight - 8)) + "px";
    }
    settle();
    document.addEventListener("keydown", press, true);
    document.addEventListener("pointerdown", away, true);
    items[0].focus({ preventScroll: true });
  }

  Getu.wirePlace = function (on) {
    map = on;
    Object.assign(map.createPane("getu-place").style, { zIndex: 630, pointerEvents: "none" });
    map.on("contextmenu", (event) => {
      event.originalEvent.preventDefault();
      open(event.latlng);
    });
    map.on("movestart zoomstart", () => menu && close());
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key !== "ContextMenu" && !(event.shiftKey && event.key === "F10")) return;
      event.preventDefault();
      open(map.getCenter());
    });
  };
  Getu.place = { open, close };
})();
