/* Getu 格图 · the opening map: drawn at once on a plain canvas from one answer, in the colours of the map's own
   style, and taken away when WebGL has drawn the same. Starting WebGL takes longer than drawing a county. */
(function () {
  "use strict";
  const FAMILY = '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';
  const NEAR = 0.8; // zooms further in than the whole: more would show how coarse it is
  const NAMES_FROM = 11.5;

  /* What the style says of a part's look; a width that grows with the zoom at this zoom. */
  function reader(style, zoom) {
    return (part, type, name, n = 0) => {
      const found = style.layers.filter((one) => one["source-layer"] === part && one.type === type)[n];
      const value = found && found.paint[type + "-" + name];
      if (!Array.isArray(value) || value[0] !== "interpolate") return value;
      const [low, from, high, to] = value.slice(3);
      return from + (to - from) * Math.min(1, Math.max(0, (zoom - low) / (high - low)));
    };
  }

  function makePen(map, told) {
    const ratio = window.devicePixelRatio || 1;
    const size = map.getSize();
    const canvas = Getu.el("canvas.opening", { width: Math.round(size.x * ratio), height: Math.round(size.y * ratio) });
    canvas.setAttribute("aria-hidden", "true");
    canvas.style.cssText = `width:${size.x}px;height:${size.y}px`;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.lineJoin = pen.lineCap = "round";
    const scale = map.getZoomScale(map.getZoom(), told.zoom);
    const corner = map.project(map.containerPointToLatLng([0, 0]));
    const shift = [told.at[0] * scale - corner.x, told.at[1] * scale - corner.y];
    const place = (x, y) => [x * scale + shift[0], y * scale + shift[1]];
    return { canvas, pen, size, place, zoom: map.getZoom() - 1 };
  }

  function trace({ pen, place }, lines) {
    pen.beginPath();
    for (const line of lines) {
      let [x, y] = line;
      pen.moveTo(...place(x, y));
      for (let n = 2; n < line.length; n += 2) pen.lineTo(...place((x += line[n]), (y += line[n + 1])));
    }
  }

  const paint = (pen, fill) => ((pen.fillStyle = fill), pen.fill("evenodd"));
  function draw(pen, colour, width, opacity = 1, dash = []) {
    Object.assign(pen, { strokeStyle: colour, lineWidth: width, globalAlpha: opacity });
    pen.setLineDash(dash);
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  function drawGround(sheet, told, config, look) {
    const { pen, size } = sheet;
    pen.fillStyle = config.style.layers[0].paint["background-color"];
    pen.fillRect(0, 0, size.x, size.y);
    trace(sheet, told.frame);
    draw(pen, look("frame", "line", "color"), look("frame", "line", "width"), look("frame", "line", "opacity"));
    paint(pen, look("frame", "fill", "color"));
    if (told.units) {
      trace(sheet, told.units.flat());
      paint(pen, look("units", "fill", "color"));
      draw(pen, look("units", "line", "color"), look("units", "line", "width"));
    }
    const tint = (grid) => (config.tint === "branch" ? config.palette[config.branch_colours[grid[1]]] : config.palette[grid[0]]) || "#ffffff";
    for (const grid of told.grids) {
      trace(sheet, grid[2]);
      paint(pen, tint(grid));
    }
    trace(sheet, told.grids.flatMap((grid) => grid[2]));
    draw(pen, look("grids", "line", "color"), look("grids", "line", "width"));
    if (config.tint === "manager") {
      trace(sheet, told.managers);
      draw(pen, look("managers", "line", "color"), look("managers", "line", "width"), look("managers", "line", "opacity"));
    }
    trace(sheet, told.frame);
    draw(pen, look("frame", "line", "color", 1), look("frame", "line", "width", 1));
  }

  function drawFaults(sheet, faults, look) {
    const { pen } = sheet;
    const hatch = Getu.symbols.draw("hatch");
    const red = look("findings", "line", "color");
    for (const [kind, lines] of faults) {
      trace(sheet, lines);
      if (kind === "nested") draw(pen, look("findings", "line", "color", 2), 1.6, 1, [1.6, 3.2]);
      else if (["overlap", "duplicate", "sliver"].includes(kind)) {
        paint(pen, "rgba(255,255,255,.55)");
        const pattern = pen.createPattern(hatch, "repeat");
        pattern.setTransform(new DOMMatrix().scale(0.5));
        paint(pen, pattern);
        draw(pen, red, 1.6, 1, [4.8, 3.2]);
      } else {
        paint(pen, "#ffffff");
        draw(pen, red, 2.4);
      }
    }
  }

  /* Names and symbols, the most important first; no two texts touch, and each steps aside for a symbol. */
  function makeNames({ pen, place }) {
    const taken = [];
    const meets = (box) => taken.some((o) => box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1]);
    const boxed = ([x, y], text, px, rise) => {
      const [half, high] = [(Getu.width(text) * px) / 2 + 4, px * 0.6 + 3];
      return [x - half, y + rise - high, x + half, y + rise + high];
    };
    return {
      bar: ([x, y]) => taken.push([x - 9, y - 9, x + 9, y + 9]),
      write([x, y, text], { px, colour, weight = 500, fixed, aside = 0, boxed: framed }) {
        const at = place(x, y);
        at[0] += aside;
        const rises = aside ? [0] : fixed === undefined ? [0, px * 1.2, -px * 1.2] : [fixed];
        const rise = framed ? rises[0] : rises.find((one) => !meets(boxed(at, text, px, one)));
        if (rise === undefined) return;
        const box = boxed(at, text, px, rise);
        taken.push(box);
        pen.font = `${weight} ${px}px ${FAMILY}`;
        pen.textAlign = "center";
        pen.textBaseline = "middle";
        if (framed) {
          pen.beginPath();
          pen.roundRect(box[0] - 4, box[1], box[2] - box[0] + 8, box[3] - box[1], 4);
          paint(pen, "#ffffff");
          draw(pen, colour, 1);
        } else {
          Object.assign(pen, { strokeStyle: "rgba(255,255,255,.85)", lineWidth: 2.8 });
          pen.strokeText(text, at[0], at[1] + rise);
        }
        pen.fillStyle = colour;
        pen.fillText(text, at[0], at[1] + rise);
      },
    };
  }

  /* the last of `order` lies on top */
  function drawSymbols(sheet, rows, nameOf, order) {
    const drawn = {};
    const { pen, place, size } = sheet;
    for (const row of [...rows].sort((a, b) => order(a) - order(b))) {
      const [x, y] = place(row[0], row[1]);
      if (x < -9 || y < -9 || x > size.x + 9 || y > size.y + 9) continue;
      const name = nameOf(row);
      drawn[name] = drawn[name] || Getu.symbols.draw(name);
      pen.drawImage(drawn[name], x - 9, y - 9, 18, 18);
    }
  }

  function drawAll(sheet, told, config, hidden) {
    const look = reader(config.style, sheet.zoom);
    const on = (key) => told[key] && !hidden(key);
    const outlets = on("outlets") ? told.outlets : [];
    const clients = on("key_clients") ? told.key_clients : [];
    drawGround(sheet, told, config, look);
    if (on("towns")) {
      trace(sheet, told.towns);
      draw(sheet.pen, look("towns", "line", "color"), look("towns", "line", "width"));
    }
    if (on("findings")) drawFaults(sheet, told.findings, look);
    const names = makeNames(sheet);
    const later = [];
    const write = (rows, how) => rows.forEach((row) => later.push(() => names.write(row, how)));
    if (on("findings")) write(told.finding_labels, { px: 12, colour: "#a81d17", fixed: -26, boxed: true });
    if (on("towns") && sheet.zoom < 12) write(told.town_names, { px: 14, colour: "#17232b", weight: 700 });
    later.push(() => [...clients, ...outlets].forEach((row) => names.bar(sheet.place(row[0], row[1]))));
    if (sheet.zoom >= 10) write(clients.filter((row) => row[4] > 1).map((row) => [row[0], row[1], String(row[4])]), { px: 12, colour: "#40505b", aside: 14 });
    const fits = (rows) => rows.filter((row) => row[3] <= sheet.zoom);
    const near = sheet.zoom >= NAMES_FROM;
    const managers = !near && config.tint === "manager";
    write(fits(near ? told.grid_names : managers ? told.manager_names : []), { px: near ? 13 : 12, colour: near ? "#17232b" : "#2f3d46" });
    drawSymbols(sheet, outlets, (row) => (row[2] === "outlet" ? "square-small" : "square"), (row) => ["outlet", "branch", "head_office"].indexOf(row[2]));
    drawSymbols(sheet, clients, (row) => (row[2] === "strategic" ? "star" : "triangle") + (row[3] ? "" : "-hollow"), (row) => Number(row[2] === "strategic"));
    later.forEach((one) => one());
  }

  const pictured = () => new Promise((done) => (requestAnimationFrame(() => setTimeout(done)), setTimeout(done, 250)));

  /* The promise ends when the picture is on the screen, or at once where it would not be what is asked for. */
  Getu.open = async function (map, config, state) {
    const asked = Object.keys(state).some((key) => !["at", "off", "tint"].includes(key));
    if (!config.opening || asked || !["manager", "branch"].includes(config.tint)) return;
    try {
      const answer = await fetch(config.opening, { credentials: "same-origin" });
      if (!answer.ok) return;
      const all = await answer.json();
      const span = map.getBoundsZoom([[config.bounds[1], config.bounds[0]], [config.bounds[3], config.bounds[2]]]);
      if (map.getZoom() > span + NEAR) return;
      const sheet = makePen(map, all);
      drawAll(sheet, all, config, (key) => config.layers.some((one) => one.key === key && !one.shown));
      map.createPane("getu-opening").style.cssText = "z-index:350;pointer-events:none";
      map.getPane("getu-opening").append(sheet.canvas);
      L.DomUtil.setPosition(sheet.canvas, map.containerPointToLayerPoint([0, 0]));
      const note = Getu.find("#note");
      let told = false;
      function close() {
        sheet.canvas.remove();
        if (told) note.hidden = true;
      }
      /* whether it still stands; whoever asks has tiles that did not come, and that is said */
      Getu.keepOpening = function () {
        if (!sheet.canvas.isConnected) return false;
        told = true;
        Object.assign(note, { textContent: Getu.say("tiles_away"), hidden: false });
        return true;
      };
      map.once("zoomstart resize", close);
      document.addEventListener("change", close, { once: true });
      Getu.closeOpening = close;
      document.documentElement.dataset.drawn = "opening";
      await pictured();
    } catch (error) {
      console.warn("the opening map was not drawn", error);
    }
  };
  Getu.closeOpening = () => undefined;
  Getu.keepOpening = () => false;
})();
