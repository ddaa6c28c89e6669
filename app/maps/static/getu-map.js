/* Getu 格图 · starts the page: map, tools, scale, switches, filters, hover. Called by the script that Folium wrote. */
(function () {
  "use strict";
  const KINDS = { outlets: (p) => p.name, key_clients: (p) => Getu.say("tier_" + p.tier) + " × " + p.number, customer_counts: (p) => Getu.say("existing") + " " + Getu.number(p.existing) + " · " + Getu.say("prospects") + " " + Getu.number(p.prospects), liaisons: (p) => Getu.say("liaison") + " · " + p.name, findings: (p) => p.names };

  function loadScript(address) {
    return new Promise((done, fail) => document.head.append(Getu.el("script", { src: address, onload: done, onerror: fail })));
  }

  /* A machine whose WebGL fails as it begins is shown the plain map. */
  Getu.withoutGl = function (error) {
    console.warn("WebGL painting failed", error);
    const address = new URL(location.href);
    address.searchParams.set("gl", "0");
    location.replace(address);
  };

  async function paint(map, config, state) {
    if (config.data) return Getu.paintPlain(map, config);
    if (!/[?&]gl=0/.test(location.search) && Getu.canGl()) return Getu.paintGl(map, config, Getu.open(map, config, state));
    await loadScript(config.vectorgrid);
    const note = Getu.find("#note");
    note.textContent = Getu.say("no_gl");
    note.hidden = false;
    setTimeout(() => (note.hidden = true), 6000);
    return Getu.paintPlain(map, config);
  }

  function drawScale(map) {
    const steps = [1, 2, 5];
    function refresh() {
      const y = map.getSize().y / 2;
      const perPixel = map.distance(map.containerPointToLatLng([0, y]), map.containerPointToLatLng([100, y])) / 100;
      let metres = 1;
      for (let power = 1; power < 1e7; power *= 10) for (const step of steps) if ((step * power) / perPixel <= 96) metres = step * power;
      Getu.find("#scale-text").textContent = Getu.distance(metres);
      Getu.find("#scale-bar").style.width = Math.round(metres / perPixel) + "px";
    }
    map.on("zoomend moveend resize", refresh);
    refresh();
  }

  function wireTools(map, whole) {
    const acts = { in: () => map.zoomIn(1), out: () => map.zoomOut(1), whole };
    document.querySelectorAll("[data-tool]").forEach((b) => b.addEventListener("click", () => acts[b.dataset.tool]()));
  }

  function showLegend(view) {
    document.querySelectorAll("[data-legend]").forEach((line) => {
      const on = view.shown.has(line.dataset.legend) || line.dataset.legend === "always";
      const fits = !line.dataset.for || line.dataset.for === view.tint;
      line.hidden = !(on && fits);
    });
    const own = view.tint === "manager" || view.tint === "branch";
    Getu.find("#legend-note").textContent = Getu.say(own ? "legend_note_" + view.tint : "tint_" + view.tint);
    Getu.find("#tint-note").textContent = own ? Getu.say("legend_note_" + view.tint) : Getu.whyTint(view.tint);
  }

  /* What the address asks for is drawn at once, not after another picture. */
  function applyState(config, state) {
    const listed = (text) => (text || "").split(",");
    const asked = document.querySelector('[data-tint="' + CSS.escape(state.tint || "") + '"]');
    config.tint = asked ? state.tint : "manager";
    for (const layer of config.layers) layer.shown = listed(state.on).includes(layer.key) || (layer.shown && !listed(state.off).includes(layer.key));
  }

  function wireLayers(painter, view, config) {
    document.querySelectorAll("[data-layer]").forEach((box) => {
      const key = box.dataset.layer;
      const label = box.closest("label");
      const explain = () => Object.assign(Getu.find("#layer-why"), { textContent: label.title, hidden: false });
      label.addEventListener("mouseenter", explain);
      box.addEventListener("focus", explain);
      const flip = () => {
        box.checked ? view.shown.add(key) : view.shown.delete(key);
        painter.show(key, box.checked);
        showLegend(view);
      };
      box.checked = config.layers.find((layer) => layer.key === key).shown;
      box.addEventListener("change", () => {
        flip();
        const boxes = [...document.querySelectorAll("[data-layer]")];
        const differs = (on) => boxes.filter((b) => b.checked === on && b.defaultChecked !== on).map((b) => b.dataset.layer).join(",");
        Getu.state.write({ on: differs(true), off: differs(false) });
      });
      flip();
    });
  }

  function wireTint(painter, view) {
    const list = Getu.find("#tint");
    function choose(name) {
      view.tint = list.value = name;
      painter.tint(name);
      showLegend(view);
    }
    list.addEventListener("change", () => {
      choose(list.value);
      Getu.state.write({ tint: list.value === "manager" ? "" : list.value });
    });
    painter.onTold(() => showLegend(view));
    choose(view.tint);
  }

  function wireHover(map, painter) {
    const tip = Getu.find("#tip");
    painter.on("hover", (found, e) => {
      const told = (one) => Getu.tipOf(one.part, one, Getu.find("#tint").value);
      const words = found.top ? (KINDS[found.top.part] || told)(found.top) : found.grid && told(found.grid) ? told(found.grid) : found.grid && [found.grid.name, found.grid.manager].filter(Boolean).join("·");
      tip.hidden = !words;
      if (!words) return;
      tip.textContent = words;
      tip.style.left = e.containerPoint.x + "px";
      tip.style.top = e.containerPoint.y + "px";
      map.getContainer().style.cursor = found.grid ? "pointer" : "";
    });
    map.on("mouseout movestart", () => (tip.hidden = true));
  }

  function wirePanel() {
    const panel = Getu.find("#panel");
    const open = Getu.find("#open-panel");
    const set = (on) => (panel.classList.toggle("open", on), open.setAttribute("aria-expanded", String(on)));
    open.addEventListener("click", () => set(!panel.classList.contains("open")));
    Getu.find("#close-panel").addEventListener("click", () => set(false));
  }

  /* Room on the right for the card, below for the legend. */
  function wholeOf(map, config) {
    const [west, south, east, north] = config.bounds;
    return () => map.fitBounds([[south, west], [north, east]], { ...(map.getSize().x > 860 ? { paddingTopLeft: [32, 32], paddingBottomRight: [32, 56] } : { paddingTopLeft: [12, 12], paddingBottomRight: [12, 64] }), animate: false });
  }

  Getu.start = async function (map, config) {
    Getu.config = config;
    Getu.map = map;
    const state = Getu.state.read();
    const whole = wholeOf(map, config);
    whole();
    map.setMinZoom(Math.max(5, Math.min(8, Math.floor(map.getZoom()) - 1)));
    const at = (state.at || "").split("/").map(Number);
    if (at.length === 3 && at.every(Number.isFinite)) map.setView([at[1], at[2]], at[0], { animate: false });
    applyState(config, state);
    if (config.branches || Getu.namesPeople(state)) await Getu.needPeople().catch(() => null);
    Getu.readFilter(state);
    const painter = (Getu.painter = Getu.withLate(await paint(map, config, state), config));
    const view = { tint: config.tint, shown: new Set() };
    config.layers.filter((l) => !l.listed).forEach((l) => view.shown.add(l.key));
    wireLayers(painter, view, config);
    wireTint(painter, view);
    const choose = Getu.wireFilter(map, painter, state, whole);
    wireHover(map, painter);
    wireTools(map, whole);
    wirePanel();
    drawScale(map);
    map.on("moveend", () => Getu.state.write({ at: [map.getZoom(), map.getCenter().lat.toFixed(5), map.getCenter().lng.toFixed(5)].join("/") }));
    Getu.find("#legend").open = map.getSize().x > 860;
    Getu.wirePanels(map, painter, choose, state);
    /* a colleague's address pasted over this one: our own changes fire no such event */
    window.addEventListener("hashchange", () => location.reload());
    document.documentElement.dataset.ready = "yes";
    painter.drawn.then(Getu.needPeople).catch(() => null); // asked for again by whoever opens a list
  };
})();
