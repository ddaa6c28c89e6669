/* Getu 格图 · the file over the present borders: before and after, with the shift drawn to scale. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, say } = Getu;
  const SVG = "http://www.w3.org/2000/svg";
  const METRES = 111320;
  const CLOSE_SHIFTS = 9; // a close view is so many shifts wide

  function shape(name, attributes, ...children) {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }
  const pointsOf = (set) => (!set || !set.coordinates ? [] : set.type === "MultiPoint" ? set.coordinates : set.coordinates.flat());

  /* A view: its middle and how many metres it is wide. The close one has lines of its own, in all detail. */
  function closeView({ close, bbox, shift_m: shift }) {
    const wide = (bbox[2] - bbox[0]) * METRES * Math.cos((((bbox[1] + bbox[3]) / 2) * Math.PI) / 180);
    if (!close || !shift || shift * CLOSE_SHIFTS > wide * 0.8) return null;
    return { middle: [(close.bbox[0] + close.bbox[2]) / 2, (close.bbox[1] + close.bbox[3]) / 2], wide: shift * CLOSE_SHIFTS };
  }
  function wholeView(picture, ratio) {
    const [west, south, east, north] = picture.bbox;
    const lat = (south + north) / 2;
    const wide = (east - west) * METRES * Math.cos((lat * Math.PI) / 180);
    const high = (north - south) * METRES;
    return { middle: [(west + east) / 2, lat], wide: Math.max(wide, high * ratio, 50) * 1.08 };
  }

  function projection(view, width, height) {
    const pixels = width / view.wide;
    const squeeze = Math.cos((view.middle[1] * Math.PI) / 180);
    return ([lon, lat]) => [width / 2 + (lon - view.middle[0]) * METRES * squeeze * pixels, height / 2 - (lat - view.middle[1]) * METRES * pixels];
  }
  /* A border that two shapes share is drawn once: dashes drawn twice would close to a full line. */
  function drawOnce(lines) {
    const seen = new Set();
    const name = (a, b) => (a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]) ? a + "|" + b : b + "|" + a);
    const found = [];
    for (const line of lines) {
      let run = [];
      for (let n = 1; n < line.length; n += 1) {
        const edge = name(line[n - 1], line[n]);
        if (seen.has(edge)) {
          if (run.length) found.push(run);
          run = [];
          continue;
        }
        seen.add(edge);
        run = run.length ? [...run, line[n]] : [line[n - 1], line[n]];
      }
      if (run.length) found.push(run);
    }
    return found;
  }
  function drawSet(set, put, look, { width, height }) {
    if (!set || !set.coordinates.length) return null;
    if (set.type === "MultiPoint") return shape("g", { class: look }, ...set.coordinates.map(put).map(([x, y]) => shape("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 3 })));
    const seen = drawOnce(set.coordinates).map((line) => line.map(put)).filter((line) => {
      const xs = line.map((point) => point[0]);
      const ys = line.map((point) => point[1]);
      return Math.max(...xs) > 0 && Math.min(...xs) < width && Math.max(...ys) > 0 && Math.min(...ys) < height;
    });
    const path = seen.map((line) => "M" + line.map((point) => point[0].toFixed(1) + " " + point[1].toFixed(1)).join("L")).join("");
    return shape("path", { class: look, d: path });
  }
  /* From the ground to where the file lies; short ones are drawn longer, the label says the true length. */
  function drawArrow(picture, view, { width, height }) {
    const [east, north] = picture.vector_m;
    const length = Math.hypot(east, north);
    const drawn = Math.min(Math.max((length * width) / view.wide, 28), width / 3);
    const [dx, dy] = [(east / length) * drawn, (-north / length) * drawn];
    const [x, y] = [width / 2 - dx / 2, height / 2 - dy / 2];
    const turn = (Math.atan2(dy, dx) * 180) / Math.PI;
    return shape("g", { class: "arrow" }, shape("path", { class: "halo", d: `M${x} ${y}l${dx} ${dy}` }), shape("path", { d: `M${x} ${y}l${dx} ${dy}` }), shape("circle", { cx: x, cy: y, r: 3 }), shape("path", { class: "head", d: "M2 0-9-5V5z", transform: `translate(${x + dx} ${y + dy}) rotate(${turn})` }));
  }

  function drawMap(picture, sets, view, { size, label, name, arrow }) {
    const [width, height] = size;
    const put = projection(view, width, height);
    const box = { width, height };
    const layers = sets.map(([set, look]) => drawSet(set, put, look, box)).filter(Boolean);
    const marks = arrow && picture.vector_m && picture.shift_m > 0.5 ? [drawArrow(picture, view, box)] : [];
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": [name, label].filter(Boolean).join("，") }, ...layers, ...marks);
    return el("div.outline", { style: `aspect-ratio:${width}/${height}` }, svg, label ? el("span.outline-label", {}, label) : null);
  }
  const key = (look, words) => {
    const line = shape("svg", { viewBox: "0 0 24 8", width: 24, height: 8, "aria-hidden": "true" }, shape("path", { class: look, d: "M0 4h24" }));
    return el("span.row", {}, line, words);
  };
  const legend = (...lines) => el("div.legend-row.cap", {}, lines);
  const caption = (name, more) => el("figcaption.row", {}, el("span.b", {}, name), el("span.cap", {}, more));

  function drawPair(picture, view) {
    const size = [320, 260];
    const off = picture.shift_m ? say("off_by", { way: Getu.way(picture.bearing_deg), metres: Getu.metres(picture.shift_m) }) : "";
    const rest = picture.residual_m !== null && picture.residual_m !== undefined ? say("rest_by", { metres: Getu.metres(picture.residual_m) }) : "";
    const before = drawMap(picture, [[picture.reference, "o-now"], [picture.before, "o-before"]], view, { size, label: off, name: say("picture_before"), arrow: true });
    const after = drawMap(picture, [[picture.reference, "o-now"], [picture.after, "o-after"]], view, { size, label: rest, name: say("picture_after") });
    return el("div.outline-pair", {}, el("figure", {}, before, caption(say("picture_before"), say("drawn_as", { name: Getu.shortSystem(picture.before_used) }))), el("figure", {}, after, caption(say("picture_after"), say("restored_from", { name: Getu.shortSystem(picture.after_used) }))));
  }
  function drawOne(picture, view) {
    const sets = [[picture.reference, "o-now"], [picture.after, "o-after"]];
    const rest = picture.residual_m !== null && picture.residual_m !== undefined ? say("rest_by", { metres: Getu.metres(picture.residual_m) }) : "";
    return el("figure", {}, drawMap(picture, sets, view, { size: [640, 320], label: rest, name: say("legend_file") }));
  }

  /* The picture, or a sentence where there is nothing to draw. Two maps when the file lies off, else one. */
  Getu.drawPicture = function (picture) {
    if (!picture || !picture.bbox) return el("p.cap", {}, say("no_picture"));
    const moved = pointsOf(picture.before).length && picture.before_used !== picture.after_used;
    const ground = pointsOf(picture.reference).length;
    const close = moved ? closeView(picture) : null;
    const draw = moved ? drawPair : drawOne;
    const place = el("div");
    const lines = [ground ? key("o-now", say("legend_now")) : null, moved ? key("o-before", say("legend_before")) : null, key("o-after", say(moved ? "legend_after" : "legend_file"))].filter(Boolean);
    let near = Boolean(close);
    const swap = close ? el("button.link", { type: "button", onclick: () => ((near = !near), show()) }) : null;
    function show() {
      place.replaceChildren(near ? draw({ ...picture, ...picture.close }, close) : draw(picture, wholeView(picture, moved ? 320 / 260 : 2)));
      if (swap) swap.textContent = say(near ? "whole_view" : "zoom_view");
    }
    show();
    const told = !ground ? el("p.cap", {}, say("no_ground")) : null;
    return el("div.col", { style: "gap:12px" }, place, el("div.between.wrap", {}, legend(...lines), swap), told);
  };
})();
