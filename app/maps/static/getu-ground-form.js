/* Getu 格图 · the small forms of the tools: code, name, kind, which stays, how a drawn grid meets the others. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, say } = Getu;
  const config = Getu.config;

  const field = (words, control) => el("label.field", {}, el("span.cap", {}, words), control);
  function input(ed, key, words, value, extra) {
    const box = el("input.input.small", { id: "f-" + key, value: ed.form[key] === undefined ? value || "" : ed.form[key], maxlength: "40", autocomplete: "off", ...(extra || {}) });
    box.addEventListener("input", () => ((ed.form[key] = box.value.trim()), Getu.editing.soon()));
    return field(words, box);
  }
  function select(ed, key, words, options, value) {
    const now = ed.form[key] || value;
    const box = el("select.input.small", { id: "f-" + key, onchange: (event) => ((ed.form[key] = event.target.value), Getu.editing.soon()) }, options.map(([code, name]) => el("option", { value: code, selected: code === now }, name)));
    return field(words, box);
  }
  function radios(ed, key, words, options, value) {
    const now = String(ed.form[key] || value);
    const line = ([code, name]) => el("label.row", {}, el("input", { type: "radio", name: "f-" + key, value: code, checked: String(code) === now, onchange: () => ((ed.form[key] = code), Getu.editing.soon()) }), name);
    return el("fieldset.field", {}, el("legend.cap", {}, words), options.map(line));
  }
  const kinds = () => config.grid_kinds.map((kind) => [kind, say("grid_kind_" + kind)]);
  function branches() {
    const found = new Map();
    for (const grid of Getu.grids.all()) if (grid.branch_code) found.set(grid.branch_code, grid.branch);
    return [["", say("g_choose")], ...[...found].sort((a, b) => a[0].localeCompare(b[0]))];
  }

  /* The parts of a split: one keeps name and code, those of the others are proposed and can be changed. */
  function drawParts(ed) {
    const parts = ed.preview ? ed.preview.parts : [];
    if (!parts.length) return null;
    const isKept = (part) => ed.picked.includes(Number(part.properties.id));
    const fresh = parts.filter((part) => !isKept(part));
    function box(key, at, words) {
      const own = (part) => part.properties[key === "names" ? "name" : "code"];
      const one = el("input.input.small", { value: (ed.form[key] || [])[at] || own(fresh[at]), "aria-label": words + " " + (at + 2), maxlength: "40", id: "f-" + key + "-" + at });
      one.addEventListener("input", () => {
        ed.form[key] = fresh.map((other, i) => (i === at ? one.value.trim() : (ed.form[key] || [])[i]) || own(other));
        Getu.editing.soon();
      });
      return one;
    }
    const line = (part, letter) => {
      const at = fresh.indexOf(part);
      const { name, code } = part.properties;
      const facts = at < 0 ? [el("span.b", {}, name), el("span", {}, code)] : [box("names", at, say("name")), box("codes", at, say("g_code"))];
      return el("div.part", {}, el("span.letter", {}, "ABCDEFGH"[letter] || "·"), facts, el("span.cap.num", {}, Getu.areaOf(part.properties.area_m2)));
    };
    return el("fieldset.field", { id: "parts" }, el("legend.cap", {}, say("g_parts")), [...parts.filter(isKept), ...fresh].map(line));
  }
  const FORMS = {
    draw: (ed) => [input(ed, "name", say("g_new_name"), ""), input(ed, "code", say("g_new_code"), ""), select(ed, "kind", say("g_kind"), kinds(), "village"), radios(ed, "how", say("g_how"), [["cut_others", say("g_how_cut_others")], ["fill_gap", say("g_how_fill_gap")], ["as_drawn", say("g_how_as_drawn")]], "cut_others")],
    split: (ed) => [drawParts(ed)],
    merge: (ed) => [radios(ed, "keep", say("g_keep"), ed.picked.map((id) => [id, (Getu.grids.find(id) || {}).name + " " + (Getu.grids.find(id) || {}).code]), ed.picked[0])],
    rename: (ed) => {
      const grid = Getu.grids.find(ed.picked[0]) || {};
      return [input(ed, "name", say("name"), grid.name), input(ed, "code", say("g_code"), grid.code), select(ed, "kind", say("g_kind"), kinds(), grid.kind)];
    },
    set_branch: (ed) => [select(ed, "branch", say("g_to_branch"), branches(), "")],
  };
  Getu.drawForm = function (ed) {
    const tool = Getu.findTool(ed.tool);
    if (!FORMS[ed.tool] || ed.picked.length < tool.least || (tool.draws && !ed.geometry && ed.tool !== "give_units")) return null;
    return el("div.form", { id: "form" }, [...FORMS[ed.tool](ed), tool.key === "rename" ? null : input(ed, "reason", say("g_reason"), "")].filter(Boolean));
  };
})();
