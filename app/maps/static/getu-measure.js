/* Getu 格图 · measuring: a distance along a path or the area of a polygon, in true ground metres. Brought by its button. */
(function () {
  "use strict";
  const { el, icon, say } = window.Getu;
  const BLUE = "#1d5a9c";
  const SIGNS = { " ": "add", Enter: "add", Backspace: "undo", Delete: "undo", Escape: "end" };
  let map = null;
  let on = null;

  const plain = (value, digits) => value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  /* 米 below a kilometre, then 公里; 平方米 below a hectare, 公顷 below a square kilometre. */
  const metres = (m) => (m < 1000 ? plain(m, m < 100 ? 1 : 0) + " " + say("metres") : plain(m / 1000, m < 1e5 ? 2 : 1) + " " + say("kilometres"));
  const squares = (m2) => (m2 < 1e4 ? plain(m2, 0) + " " + say("square_metres") : m2 < 1e6 ? plain(m2 / 1e4, 2) + " " + say("hectares") : plain(m2 / 1e6, 2) + " " + say("square_kilometres"));

  const pair = (at) => [at.lng, at.lat];
  function tell() {
    const line = on.points.map(pair);
    const { path, area, crosses, length } = Getu.geodesy;
    const count = say("measure_points", { n: line.length });
    if (on.kind === "line") return [line.length > 1 ? metres(path(line)) : "—", count, say("measure_total")];
    if (line.length < 3) return ["—", count, say("area")];
    const round = say("measure_round") + " " + metres(path(line) + length(line[line.length - 1], line[0]));
    return crosses(line) ? ["—", say("measure_crossed"), say("area")] : [squares(area(line)), round, say("area")];
  }

  function draw() {
    on.layer.clearLayers();
    const more = { pane: "getu-measure", interactive: false };
    const shown = on.hover ? [...on.points, on.hover] : on.points;
    if (on.kind === "area" && shown.length > 2) L.polygon(shown, { ...more, stroke: false, fillColor: BLUE, fillOpacity: 0.12 }).addTo(on.layer);
    const line = on.kind === "area" && shown.length > 2 ? [...shown, shown[0]] : shown;
    for (const style of [{ color: "#fff", weight: 5 }, { color: BLUE, weight: 2.5 }]) L.polyline(line, { ...more, ...style }).addTo(on.layer);
    for (const point of on.points) L.circleMarker(point, { ...more, radius: 4.5, color: "#fff", weight: 2, fillColor: BLUE, fillOpacity: 1 }).addTo(on.layer);
    const [value, beside, name] = tell();
    on.value.textContent = value;
    on.beside.textContent = beside;
    on.name.textContent = name;
    on.panel.querySelectorAll("[data-needs]").forEach((button) => (button.disabled = !on.points.length));
    on.panel.querySelectorAll("[data-kind]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.kind === on.kind)));
  }

  const acts = {
    add: (at) => (on.points.push(at || map.getCenter()), draw()),
    undo: () => (on.points.pop(), draw()),
    clear: () => ((on.points = []), draw()),
    end: () => Getu.measure.end(),
  };

  /* The map's own clicks open cards: while measuring they are taken before the map hears of them. */
  function take(event) {
    if (map.dragging.moved && map.dragging.moved()) return;
    event.stopPropagation();
    on.keyed = false;
    map.getContainer().classList.remove("keyed");
    acts.add(map.mouseEventToLatLng(event));
  }
  function press(event) {
    const act = SIGNS[event.key];
    const typing = /INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName);
    if (!act || (act !== "end" && (typing || document.activeElement.closest("button,a"))) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (act === "add") map.getContainer().classList.add("keyed");
    act === "undo" && !on.points.length ? null : acts[act]();
  }
  const follow = (event) => {
    if (!on.points.length || !matchMedia("(hover: hover)").matches) return;
    on.hover = event.latlng;
    draw();
  };
  const leave = () => on && ((on.hover = null), draw());

  function open() {
    map = Getu.map;
    if (!map.getPane("getu-measure")) Object.assign(map.createPane("getu-measure").style, { zIndex: 640, pointerEvents: "none" });
    const choose = (kind) => el("button", { type: "button", "data-kind": kind, onclick: () => ((on.kind = kind), draw()) }, say("measure_" + kind));
    const act = (key, name, needs) => el("button.btn", { type: "button", "data-needs": needs, onclick: acts[key] && (() => acts[key]()) }, say(name));
    on = { kind: "line", points: [], hover: null, layer: L.layerGroup().addTo(map), value: el("b.num.measure-value", {}, "—"), beside: el("span.cap", {}), name: el("span.cap", {}) };
    on.panel = el("section.card.float.measure-at", { "aria-label": say("measure"), id: "measure-panel" },
      el("div.row", {}, el("div.seg.grow", { role: "group", "aria-label": say("measure") }, choose("line"), choose("area")), el("button.btn.ghost.icon", { type: "button", "aria-label": say("measure_end"), title: say("measure_end"), onclick: acts.end }, icon("x"))),
      el("div.measure-told", { role: "status", "aria-live": "polite" }, on.name, on.value, on.beside),
      el("div.row", {}, act("undo", "measure_undo", true), act("clear", "measure_clear", true)),
      el("p.cap", {}, say("measure_how"))
    );
    Getu.find("#stage").append(on.panel);
    const container = map.getContainer();
    container.classList.add("measuring");
    container.addEventListener("click", take, true);
    container.addEventListener("dblclick", stop, true);
    document.addEventListener("keydown", press, true);
    map.on("mousemove", follow);
    map.on("mouseout", leave);
    container.focus({ preventScroll: true });
    draw();
  }
  const stop = (event) => event.stopPropagation();

  Getu.measure = {
    get on() {
      return Boolean(on);
    },
    points: () => on.points.map(pair),
    end() {
      if (!on) return;
      const container = map.getContainer();
      container.removeEventListener("click", take, true);
      container.removeEventListener("dblclick", stop, true);
      document.removeEventListener("keydown", press, true);
      map.off("mousemove", follow);
      map.off("mouseout", leave);
      container.classList.remove("measuring", "keyed");
      on.layer.remove();
      on.panel.remove();
      on = null;
      const button = Getu.find("#measure");
      button.setAttribute("aria-pressed", "false");
      button.focus({ preventScroll: true });
    },
    toggle() {
      if (on) return Getu.measure.end();
      open();
      Getu.find("#measure").setAttribute("aria-pressed", "true");
    },
  };
})();
