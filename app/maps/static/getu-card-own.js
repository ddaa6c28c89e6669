/* Getu 格图 · the card of a thing of an own layer, and the form that loads such a layer. Brought when first asked for. */
(function () {
  "use strict";
  const { el, icon, say, number } = window.Getu;
  const { block, facts, link } = Getu.parts;

  const metres = (value) => (value >= 1000 ? (value / 1000).toFixed(2) + " " + say("kilometres") : Math.round(value) + " " + say("metres"));
  function size(about) {
    if (about.length_m) return [say("own_length"), metres(about.length_m)];
    if (about.area_m2) return [say("own_area"), about.area_m2 >= 1e6 ? (about.area_m2 / 1e6).toFixed(2) + " km²" : number(about.area_m2) + " m²"];
    return null;
  }

  Getu.drawOwn = function (about, tools) {
    const near = about.nearest;
    const house = near && block(say("own_nearest"), null, facts([[link(near.name, () => tools.open("branch", near.id)), number(near.distance_m) + " " + say("metres")]]));
    const values = Object.entries(about.values).map(([name, value]) => [name, String(value)]);
    const grid = tools.under && el("button.btn.grow", { type: "button", onclick: () => tools.open("grid", tools.under) }, say("own_grid"));
    return Getu.drawFrame({
      cap: [about.layer.name, about.class ? "·" + about.class : ""],
      title: about.name || about.layer.name,
      blocks: [house, size(about) && el("div.block", {}, facts([size(about)])), values.length ? block(say("own_values"), null, facts(values)) : null, el("div.block", {}, el("p.cap", {}, say("own_source", { file: about.source.file, row: about.source.row, day: about.source.loaded_on })))],
      foot: [grid, el("button.btn", { type: "button", onclick: () => tools.fit(about.bbox, 16) }, icon("locate"), say("on_map"))],
    });
  };
})();
