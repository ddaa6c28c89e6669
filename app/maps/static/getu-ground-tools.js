/* Getu 格图 · the tools of the desk: what each needs before it can act, and what is sent for it. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { say } = Getu;
  const config = Getu.config;

  /* key, letter, fewest and most grids to be picked, what is drawn, whether corners move (locked ground does not) */
  const TOOLS = [
    { key: "select", letter: "V", least: 0, most: 99, draws: "", shape: false },
    { key: "draw", letter: "D", least: 0, most: 0, draws: "Polygon", shape: true },
    { key: "split", letter: "S", least: 1, most: 1, draws: "Line", shape: true },
    { key: "merge", letter: "M", least: 2, most: 12, draws: "", shape: true },
    { key: "move_edge", letter: "B", least: 2, most: 2, draws: "edge", shape: true },
    { key: "reshape", letter: "R", least: 1, most: 1, draws: "outline", shape: true },
    { key: "give_units", letter: "U", least: 1, most: 1, draws: "units", shape: true },
    { key: "lock", letter: "L", least: 1, most: 99, draws: "", shape: false, instant: true },
    { key: "rename", letter: "N", least: 1, most: 1, draws: "", shape: false },
    { key: "set_branch", letter: "H", least: 1, most: 99, draws: "", shape: false, head: true },
    { key: "remove", letter: "X", least: 1, most: 1, draws: "", shape: true, head: true },
  ];
  Getu.tools = TOOLS.filter((tool) => !tool.head || config.may_plan);
  Getu.findTool = (key) => TOOLS.find((tool) => tool.key === key);

  /* true, or why this person may not change this grid with this tool. */
  Getu.mayEdit = function (grid, tool) {
    if (!config.may_plan && !config.may_divide) return say("g_read_only");
    if (grid.editable === false && !grid.locked) return say("g_other_branch");
    if (grid.locked && tool && tool.shape) return say("g_locked_why");
    return true;
  };

  const idsOf = (ed) => ed.picked.map(Number);
  const named = (form, keys) => Object.fromEntries(keys.filter((key) => form[key] !== undefined && form[key] !== "").map((key) => [key, form[key]]));
  const BODIES = {
    draw: (ed) => ed.geometry && ed.form.name && ed.form.code && { geometry: ed.geometry, code: ed.form.code, name: ed.form.name, kind: ed.form.kind || "village", how: ed.form.how || "cut_others" },
    split: (ed) => ed.geometry && { grid_id: ed.picked[0], line: ed.geometry, ...(ed.form.names ? { names: ed.form.names } : {}), ...(ed.form.codes ? { codes: ed.form.codes } : {}) },
    merge: (ed) => ({ grid_ids: idsOf(ed), keep: Number(ed.form.keep || ed.picked[0]) }),
    move_edge: (ed) => ed.geometry && { grid_id: ed.picked[0], other_id: ed.picked[1], line: ed.geometry },
    reshape: (ed) => ed.geometry && { grid_id: ed.picked[0], geometry: ed.geometry, follow: true },
    give_units: (ed) => ed.units.size && { unit_codes: [...ed.units], to: ed.picked[0] },
    lock: (ed) => ({ act: idsOf(ed).every((id) => (Getu.grids.find(id) || {}).locked) ? "unlock" : "lock", grid_ids: idsOf(ed) }),
    rename: (ed) => ["code", "name", "kind"].some((key) => ed.form[key]) && { grid_id: ed.picked[0], ...named(ed.form, ["code", "name", "kind"]) },
    set_branch: (ed) => ed.form.branch && { grid_ids: idsOf(ed), branch: ed.form.branch },
    remove: (ed) => ({ grid_id: ed.picked[0] }),
  };
  /* The act as it is sent, or null while something is still wanting. */
  Getu.bodyOf = function (ed) {
    const tool = Getu.findTool(ed.tool);
    if (!BODIES[ed.tool] || ed.picked.length < tool.least) return null;
    const body = BODIES[ed.tool](ed);
    if (!body) return null;
    const seen = [...ed.picked, ...((ed.preview && ed.preview.touched) || [])];
    return { act: ed.tool, ...body, versions: { ...Getu.grids.versions(seen), ...ed.versions }, ...(ed.form.reason ? { reason: ed.form.reason } : {}), ...(ed.allowFaults ? { allow_faults: true } : {}) };
  };
  /* What the next click does. */
  Getu.hintOf = function (ed) {
    const tool = Getu.findTool(ed.tool);
    if (ed.tool === "draw") return say(ed.geometry ? "g_hint_adjust" : "g_hint_draw");
    if (ed.picked.length < tool.least) return say(tool.least - ed.picked.length > 1 ? "g_hint_pick_" + ed.tool : ed.picked.length ? "g_hint_pick_more" : "g_hint_pick_" + ed.tool);
    if (ed.tool === "split") return say(ed.geometry ? "g_hint_adjust" : "g_hint_split");
    if (ed.tool === "move_edge" || ed.tool === "reshape") return say("g_hint_" + ed.tool);
    if (ed.tool === "give_units") return say("g_hint_units", { n: ed.units.size });
    return say(tool.most > 1 && ed.tool !== "select" ? "g_hint_more" : "g_hint_" + ed.tool);
  };
})();
