/* Getu 格图 · names on the case's map: candidates first, no two texts touch, none wider than its own ground. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el } = Getu;

  const meets = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

  /* `names` are {text, lat, lng, letter, chosen, bounds}; `barred` are boxes of pins in pixels. */
  Getu.placeNames = function (map, layer, names, barred) {
    layer.clearLayers();
    const size = map.getSize();
    const taken = [...barred];
    const ordered = [...names].sort((a, b) => Number(Boolean(b.letter)) - Number(Boolean(a.letter)));
    for (const name of ordered) {
      const at = map.latLngToContainerPoint([name.lat, name.lng]);
            const width = Getu.width(name.text) * 13 + (name.letter ? 26 : 0) + 6;
      const box = { x: at.x - width / 2, y: at.y - 11, w: width, h: 22 };
      if (box.x < 4 || box.y < 4 || box.x + box.w > size.x - 4 || box.y + box.h > size.y - 4) continue;
      if (!name.letter && name.bounds && map.latLngToContainerPoint(name.bounds.getSouthEast()).x - map.latLngToContainerPoint(name.bounds.getNorthWest()).x < width) continue;
      if (taken.some((other) => meets(box, other))) continue;
      taken.push(box);
      const inside = name.letter ? el("span.of-choice" + (name.chosen ? ".now" : ""), {}, el("i", {}, name.letter), name.text) : el("span", {}, name.text);
      L.marker([name.lat, name.lng], { interactive: false, keyboard: false, icon: L.divIcon({ className: "ground-name", html: inside, iconSize: [0, 0] }) }).addTo(layer);
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
