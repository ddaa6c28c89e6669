/* Getu 格图 · layers that are switched on later: legend, style and words are asked for then, once. */
(function () {
  "use strict";
  const found = new Map();
  const tips = [];
  const plain = {};
  let told = () => {};

  const fits = (tip, part, tint) => tip.part === part && (!tip.tint || tip.tint === tint);

  /* "{name}·{existing} / {existing+prospects}" with the feature's properties and their words. */
  Getu.tipOf = function (part, p, tint) {
    const tip = tips.find((one) => fits(one, part, tint));
    if (!tip) return "";
    const value = (key) => {
      const one = p[key];
      if (tip.words[key]) return tip.words[key][one] || one || "—";
      return typeof one === "number" ? Getu.number(one) : one === undefined || one === null ? (key === "name" ? "" : "0") : one;
    };
    const text = tip.text.replace(/\{([\w+]+)\}/g, (all, keys) => (keys.includes("+") ? Getu.number(keys.split("+").reduce((sum, key) => sum + Number(p[key] || 0), 0)) : value(keys)));
    return text.replace(/^·|·$/g, "");
  };

  function swatch({ symbol, colour }) {
    if (Getu.symbols.names.includes(symbol)) return Getu.el("img.sym", { src: Getu.symbols.address(symbol), alt: "" });
    const mark = Getu.el("span.sw.sw-" + symbol, { "aria-hidden": "true" });
    if (colour) mark.style.setProperty("--sw", colour);
    return mark;
  }

  function writeLegend(answer) {
    const list = Getu.find("#legend .legend-list");
    const under = answer.tints.length ? "grids" : answer.key;
    list.querySelectorAll('[data-late="' + answer.key + '"]').forEach((line) => line.remove());
    const lines = Object.entries(answer.notes).map(([tint, text]) => Getu.el("li.cap", { "data-legend": under, "data-late": answer.key, "data-for": tint === answer.key && !answer.tints.length ? null : tint }, text));
    if (answer.key === "changes") {
      const pick = (e) => e.target.value && (Getu.state.write({ since: e.target.value }), location.reload());
      lines[0].append(" ", Getu.el("input", { type: "date", "aria-label": answer.notes.changes, onchange: pick, value: Getu.state.read().since || "" }));
    }
    for (const line of answer.legend)
      lines.push(Getu.el("li", { "data-legend": under, "data-late": answer.key, "data-for": line.tint || null }, swatch(line), Getu.el("span.grow", null, line.text), Getu.el("b.num", { title: line.number }, line.number ? Getu.number(line.number) : "")));
    /* ways of colouring stand on top, what lies over them below */
    answer.tints.length ? list.prepend(...lines) : list.append(...lines);
    const box = Getu.find('[data-layer="' + answer.key + '"]');
    const total = box && box.closest("label").querySelector(".num");
    if (total && answer.total !== null) Object.assign(total, { textContent: Getu.number(answer.total), title: answer.total });
  }

  Getu.whyTint = (tint) => ([...found.values()].find((one) => one.tints.includes(tint)) || { why: "" }).why;

  /* A painter that asks for what it does not know yet; what was answered once is kept. */
  Getu.withLate = function (painter, config) {
    const late = config.layers.filter((layer) => layer.late);
    Object.assign(plain, { show: painter.show, tint: painter.tint });
    function load(layer) {
      if (layer.asked) return layer.asked;
      const query = new URLSearchParams({ lang: config.lang, ...(Getu.lateQuery ? Getu.lateQuery(layer.key) : {}) });
      const answer = config.late ? Promise.resolve(config.late[layer.key]) : Getu.ask("/api/v1/map/legend/" + layer.key + (layer.key === "changes" && Getu.state.read().since ? "@" + Getu.state.read().since : "") + "?" + query);
      layer.asked = answer
        .then((one) => {
          found.set(layer.key, one);
          tips.push(...one.tips);
          writeLegend(one);
          told();
          return painter.add(one);
        })
        .catch((error) => {
          layer.asked = null;
          Getu.toast(error.message || Getu.say("failed"));
        });
      return layer.asked;
    }
    painter.show = function (key, on) {
      const layer = late.find((one) => one.key === key);
      if (layer && on) load(layer);
      return plain.show(key, on);
    };
    painter.tint = function (name) {
      const layer = late.find((one) => one.tints.includes(name));
      if (layer) load(layer);
      return plain.tint(name);
    };
    painter.onTold = (listen) => (told = listen);
    return painter;
  };
})();

/* The same without WebGL: one layer of tiles a source, or the shapes that lie in the page. */
(function () {
  "use strict";

  Getu.plainLate = function (map, config, { found, view, hidden, tell, ground }) {
    const parts = {};
    for (const one of found.style.layers) (parts[one["source-layer"]] = parts[one["source-layer"]] || []).push(one);
    const wanted = (part) => parts[part].filter(({ metadata }) => !metadata.tint || metadata.tint.split(" ").includes(view.tint));
    const paths = (part, p, zoom) => Getu.pathsOf(wanted(part), p, zoom).map((one) => (one.fill && found.tints.length ? { ...one, fillOpacity: one.fillOpacity * view.veil } : one));
    if (found.tints.length) Object.keys(parts).forEach((part) => ground.add(part));

    function layTiles() {
      const styles = {};
      for (const part of Object.keys(parts)) styles[part] = (p, zoom) => paths(part, p, zoom);
      const [source] = Object.values(found.style.sources);
      const layer = L.vectorGrid.protobuf(Getu.cutTiles(found.key, source.tiles)[0], {
        vectorTileLayerStyles: styles,
        interactive: found.tints.length > 0,
        maxNativeZoom: source.maxzoom,
        minZoom: 5,
        maxZoom: 18,
        zIndex: found.tints.length ? 103 : found.slot === "area" ? 106 : 109,
      });
      tell(layer, Object.keys(parts)[0], null);
      layer.narrow = () => {
        const [address] = Getu.cutTiles(found.key, source.tiles);
        if (layer._url !== address) layer.setUrl(address);
      };
      return [layer];
    }

    function layShapes() {
      return Object.keys(parts).filter((part) => config.data[part]).map((part) => {
        const pane = map.createPane("getu-" + part);
        pane.style.zIndex = found.tints.length ? 402 : 408;
        const style = (f) => Object.assign({ stroke: false, fill: false }, ...paths(part, f.properties, map.getZoom()).map((one) => (one.fill ? one : { stroke: one.stroke, color: one.color, weight: one.weight, opacity: one.opacity })));
        const layer = L.geoJSON(config.data[part], { pane: "getu-" + part, style, onEachFeature: (f, shape) => tell(shape, part, f.properties) });
        layer.restyle = () => layer.setStyle(style);
        return layer;
      });
    }

    const layers = config.data ? layShapes() : layTiles();
    const isOn = () => (found.tints.length ? found.tints.includes(view.tint) && !hidden.has("grids") : !hidden.has(found.key));
    return {
      narrow: () => layers.forEach((layer) => layer.narrow && layer.narrow()),
      refresh(changed) {
        for (const layer of layers) {
          const fresh = !map.hasLayer(layer);
          if (!isOn()) {
            layer.remove();
            continue;
          }
          layer.addTo(map);
          if (layer.restyle) layer.restyle();
          else if (!fresh && changed && found.tints.length) layer.redraw();
        }
      },
    };
  };
})();
