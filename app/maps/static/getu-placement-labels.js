/* Getu 格图 · names on the case's map: candidates first, no two texts touch, none wider than its own ground. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el } = Getu;

  const SHIFTS = [0, 18, 26, -46, 36];
  const meets = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

  /* `names` are {text, lat, lng, letter, chosen, bounds}; `barred` are boxes of pins in pixels. */
  Getu.placeNames = function (map, layer, names, barred) {
    layer.clearLayers();
    const size = map.getSize();
    const taken = [...barred];
    const ordered = [...names].sort((a, b) => Number(Boolean(b.offered)) - Number(Boolean(a.offered)));
    for (const name of ordered) {
      const at = map.latLngToContainerPoint([name.lat, name.lng]);
      const width = Getu.width(name.text) * 13 + (name.letter ? 26 : 0) + 6;
      const boxAt = (down) => ({ x: at.x - width / 2, y: at.y - 11 + down, w: width, h: 22 });
      const free = (box) => box.x >= 4 && box.y >= 4 && box.x + width <= size.x - 4 && box.y + 26 <= size.y && !taken.some((other) => meets(box, other));
      /* A candidate is named even where its own pin stands in the way: a little below or above. */
      const down = (name.offered ? SHIFTS : [0]).find((shift) => free(boxAt(shift)));
      if (down === undefined) continue;
      if (!name.offered && name.bounds && map.latLngToContainerPoint(name.bounds.getSouthEast()).x - map.latLngToContainerPoint(name.bounds.getNorthWest()).x < width) continue;
      taken.push(boxAt(down));
      const inside = name.letter ? el("span.of-choice" + (name.chosen ? ".now" : ""), {}, el("i", {}, name.letter), name.text) : el("span", {}, name.text);
      const spot = map.containerPointToLatLng([at.x, at.y + down]);
      L.marker(spot, { interactive: false, keyboard: false, icon: L.divIcon({ className: "ground-name", html: inside, iconSize: [0, 0] }) }).addTo(layer);
    }
  };

  /* A scale bar in 米 or 公里, at most 96 pixels. */
  Getu.placeScale = function (map, place) {
    const y = map.getSize().y / 2;
    const perPixel = map.distance(map.containerPointToLatLng([0, y]), map.containerPointToLatLng([100, y])) / 100;
    let metres = 1;
    for (let power = 1; power < 1e7; power *= 10) for (const step of [1, 2, 5]) if ((step * power) / perPixel <= 96) metres = step * power;
    place.replaceChildren(Getu.distance(metres), el("i", { style: "width:" + Math.round(metres / perPixel) + "px" }));
  };
})();
