/* Getu 格图 · the map of the page of plans: grids coloured by what they are, clicked or lassoed. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const LINE = { color: "#5a6a75", weight: 0.8, opacity: 0.9, fillOpacity: 0.82 };

  /* Six states, told apart by lightness, hue and the edge's dashes: none of them is red, none needs colour sight. */
  Getu.allotLooks = {
    none: { fill: "#f4f6f3", edge: "#7d8c96", dash: "3 4", sign: "○" },
    offered_branch: { fill: "#f8e2b4", edge: "#8a5200", dash: "6 4", sign: "◔" },
    in_branch: { fill: "#a9cdf0", edge: "#1d5a9c", dash: null, sign: "◑" },
    offered_manager: { fill: "#bda4dc", edge: "#4a2c73", dash: "6 4", sign: "◕" },
    held: { fill: "#4b96a1", edge: "#074853", dash: null, sign: "●", ink: "#fff" },
    returned: { fill: "#66757f", edge: "#17232b", dash: "2 4", sign: "↩", ink: "#fff" },
  };
  Getu.drawLegend = (keys, looks, words, counts) =>
    el("ul.map-legend", { "aria-label": say("legend") }, keys.map((key) => el("li", {}, el("i", { "aria-hidden": "true", style: "background:" + looks[key].fill + ";border:2px " + (looks[key].dash ? "dashed " : "solid ") + looks[key].edge + ";color:" + (looks[key].ink || "inherit") }, looks[key].sign || ""), words(key), counts ? el("b", {}, Getu.number(counts[key] || 0)) : null)));

  const ringsOf = (geometry) => Getu.partsOf(geometry).map((rings) => rings[0]);
  function middle(geometry) {
    const ring = ringsOf(geometry).sort((a, b) => b.length - a.length)[0] || [];
    let [area, x, y] = [0, 0, 0];
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const cross = ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1];
      area += cross;
      x += (ring[j][0] + ring[i][0]) * cross;
      y += (ring[j][1] + ring[i][1]) * cross;
    }
    return area ? [x / (3 * area), y / (3 * area)] : ring[0];
  }

  /* The sign of the lasso: a dashed ring. */
  function dashes() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const ring = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("class", "i");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    ring.setAttribute("d", "M3 9C1.500 5 5 2 9 2.500s6 4 4 7-6 3.500-8 2c-1-.8-.5 1.500-1.500 2.500");
    ring.setAttribute("stroke-dasharray", "2.500 2");
    svg.append(ring);
    return svg;
  }

  /* A map in a frame: show(features), paint(again), fit(), select by click (and by lasso where it is asked for). */
  Getu.makeGroundMap = function (frame, { name, look, tip, click, lasso, label }) {
    const node = el("div.ground-map", { role: "application", "aria-label": name, tabindex: "0" });
    const tools = el("div.tools.at.map-tools");
    frame.replaceChildren(node, tools);
    const map = L.map(node, { zoomControl: false, attributionControl: false, zoomSnap: 0.25, zoomDelta: 0.5, minZoom: 6, maxZoom: 19, zoomAnimation: false, fadeAnimation: false, preferCanvas: false, boxZoom: false });
    map.setView([31.9, 121.2], 10);
    let layer = null;
    let extra = null;
    const shapes = new Map();
    const tool = (key, sign, act) => el("button", { type: "button", "aria-label": say(key), title: say(key), onclick: act, "data-tool": key }, icon(sign));
    tools.append(tool("zoom_in", "plus", () => map.zoomIn(1)), tool("zoom_out", "minus", () => map.zoomOut(1)), tool("whole", "locate", () => self.fit()));

    function show(features) {
      if (layer) layer.remove();
      shapes.clear();
      layer = L.geoJSON({ type: "FeatureCollection", features }, {
        style: (feature) => ({ ...LINE, ...look(feature.properties, feature) }),
        onEachFeature(feature, shape) {
          shapes.set(feature.properties.code, shape);
          if (tip) shape.bindTooltip(() => tip(feature.properties, feature), { sticky: true, direction: "top", className: "ground-tip" });
          if (click) shape.on("click", (event) => (L.DomEvent.stop(event), !drawing && click(feature.properties, feature, event)));
        },
      }).addTo(map);
    }
    /* Names where they have room: a grid too small for its name is named by hover and by the list. */
    const names = L.layerGroup().addTo(map);
    function drawNames() {
      names.clearLayers();
      if (!layer || !label) return;
      let left = 150;
      layer.eachLayer((shape) => {
        const text = label(shape.feature.properties);
        const box = shape.getBounds();
        const [a, b] = [map.latLngToContainerPoint(box.getNorthWest()), map.latLngToContainerPoint(box.getSouthEast())];
        if (!text || !left || b.x - a.x < Getu.width(text) * 12 + 12 || b.y - a.y < 28 || !map.getBounds().intersects(box)) return;
        left -= 1;
        const [x, y] = middle(shape.feature.geometry);
        names.addLayer(L.marker([y, x], { interactive: false, keyboard: false, icon: L.divIcon({ className: "grid-name", html: el("span", {}, text), iconSize: [0, 0] }) }));
      });
    }
    map.on("zoomend moveend", drawNames);
    const self = {
      map,
      node,
      show(features) {
        show(features);
        self.fit();
        drawNames();
      },
      replace: (features) => (show(features), drawNames()),
      paint: () => layer && layer.eachLayer((shape) => shape.setStyle({ ...LINE, ...look(shape.feature.properties, shape.feature) })),
      front: (code) => shapes.has(code) && shapes.get(code).bringToFront(),
      shape: (code) => shapes.get(code),
      mark(features, style) {
        if (extra) extra.remove();
        extra = features && features.length ? L.geoJSON({ type: "FeatureCollection", features }, { style: () => style, interactive: false, pointToLayer: (f, at) => L.circleMarker(at, { radius: 7, color: "#fff", weight: 2, fillColor: "#1d5a9c", fillOpacity: 1 }) }).addTo(map) : null;
      },
      fit(bounds) {
        const box = bounds || (layer && layer.getBounds());
        map.invalidateSize({ animate: false });
        if (box && box.isValid()) map.fitBounds(box, { padding: [16, 16], maxZoom: 15, animate: false });
      },
      zoomTo(code) {
        const shape = shapes.get(code);
        if (shape) map.fitBounds(shape.getBounds(), { padding: [60, 60], maxZoom: 14, animate: false });
      },
    };

    /* The lasso: drawn with the pointer held down; whoever's middle lies inside is taken. */
    let drawing = false;
    if (lasso) {
      const button = tool("lasso", "locate", () => turn(!drawing));
      button.replaceChildren(dashes());
      button.setAttribute("aria-pressed", "false");
      tools.append(button);
      let ring = [];
      let line = null;
      function turn(on) {
        drawing = on;
        button.setAttribute("aria-pressed", String(on));
        node.classList.toggle("lassoing", on);
        on ? map.dragging.disable() : map.dragging.enable();
      }
      map.on("mousedown", (event) => {
        if (!drawing) return;
        ring = [[event.latlng.lng, event.latlng.lat]];
        line = L.polyline([event.latlng], { color: "#074853", weight: 2, dashArray: "4 4", interactive: false }).addTo(map);
      });
      map.on("mousemove", (event) => {
        if (!line) return;
        ring.push([event.latlng.lng, event.latlng.lat]);
        line.addLatLng(event.latlng);
      });
      const end = () => {
        if (!line) return;
        line.remove();
        line = null;
        const caught = [];
        if (layer && ring.length > 2) layer.eachLayer((shape) => {
          const [x, y] = middle(shape.feature.geometry);
          if (Getu.inRing(ring, x, y)) caught.push(shape.feature.properties);
        });
        turn(false);
        lasso(caught);
      };
      map.on("mouseup", end);
      document.addEventListener("mouseup", end);
    }
    if (window.ResizeObserver) new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(node);
    return self;
  };

  /* A small picture of some grids, for lists: no tiles, no map, just the outlines. */
  Getu.drawOutlines = function (features, chosen, size) {
    const rings = features.flatMap((one) => ringsOf(one.geometry).map((ring) => ({ ring, code: one.properties.code })));
    const xs = rings.flatMap((one) => one.ring.map((at) => at[0]));
    const ys = rings.flatMap((one) => one.ring.map((at) => at[1]));
    if (!xs.length) return el("span");
    const [west, east] = [Math.min(...xs), Math.max(...xs)];
    const [south, north] = [Math.min(...ys), Math.max(...ys)];
    const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
    const scale = (size - 8) / Math.max((east - west) * shrink, north - south, 1e-9);
    const put = ([x, y]) => ((x - west) * shrink * scale + 4).toFixed(1) + " " + ((north - y) * scale + 4).toFixed(1);
    const NS = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("viewBox", "0 0 " + Math.ceil((east - west) * shrink * scale + 8) + " " + Math.ceil((north - south) * scale + 8));
    svg.setAttribute("class", "outlines");
    svg.setAttribute("aria-hidden", "true");
    for (const one of rings) {
      const path = document.createElementNS(NS, "path");
      path.setAttribute("d", "M" + one.ring.map(put).join("L") + "Z");
      if (one.code === chosen) path.setAttribute("class", "now");
      svg.append(path);
    }
    return svg;
  };
})();
