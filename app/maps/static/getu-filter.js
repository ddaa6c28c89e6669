/* Getu 格图 · the filter of the map: in the panel, as chips, in the address, in the tiles, with its count and its list. */
(function () {
  "use strict";
  const { el, icon, say, number } = window.Getu;
  const GROUND = ["branch", "manager"];
  const WHO = ["kind", "tier", "standing", "rung", "pointed", "filed", "visited_since", "unvisited_since"];
  const ALL = [...GROUND, ...WHO];
  const now = {};
  const field = (key) => Getu.find((GROUND.includes(key) ? "#" : "#f-") + key);
  const rowsOf = (key) => Getu.config[key === "branch" ? "branches" : "managers"] || [];
  const rowOf = (key) => rowsOf(key).find((row) => row.code === now[key]);
  const asked = () => Object.fromEntries(ALL.filter((key) => now[key]).map((key) => [key, now[key]]));
  const query = () => new URLSearchParams(asked()).toString();
  const sees = () => Getu.config.sees_customers && !Getu.config.data;

  function tell(key) {
    const one = field(key);
    const row = GROUND.includes(key) && rowOf(key);
    if (row) return row.name;
    if (one.tagName === "SELECT") return one.selectedIndex > 0 ? one.options[one.selectedIndex].text : now[key];
    return now[key];
  }
  function drawChips() {
    const list = Getu.find("#chips");
    const chip = (key) => {
      const words = field(key).labels[0].querySelector("span").textContent + (Getu.config.lang === "zh" ? "：" : ": ") + tell(key);
      return el("li", {}, el("button.chip", { type: "button", "aria-label": say("filter_remove", { what: words }), onclick: () => (set({ [key]: "" }, GROUND.includes(key)), focusChips()) }, words, icon("x")));
    };
    const keys = ALL.filter((key) => now[key]);
    list.replaceChildren(...keys.map(chip));
    list.hidden = Getu.find("#clear").hidden = !keys.length;
    return keys.length;
  }
  const focusChips = () => (Getu.find("#chips button") || field("branch")).focus();

  /* How many answer, of how many: asked of the database for this viewer, never guessed from what is drawn. */
  let turn = 0;
  async function count() {
    const told = Getu.find("#filter-count");
    const list = Getu.find("#filter-list");
    const mine = ++turn;
    if (!told || !sees()) return;
    const any = Boolean(query());
    told.hidden = list.hidden = !any;
    if (!any) return;
    told.textContent = say("loading");
    try {
      const [found] = await Promise.all([Getu.ask("/api/v1/map/count?" + query()), Getu.needWords()]);
      if (mine !== turn) return;
      told.textContent = say("filter_count", { n: number(found.n), of: number(found.of) }) + say("filter_covered", { n: number(found.covered.n), of: number(found.covered.of) });
      told.title = found.n.toLocaleString("en") + " / " + found.of.toLocaleString("en") + "·" + say("filter_grids", { n: found.grids });
      list.disabled = !found.n;
    } catch (error) {
      if (mine === turn) told.textContent = error.message;
      if (mine === turn) dropUnknown(error);
    }
  }
  /* A colleague's branch or manager may be out of this viewer's sight: it is left out, and that is said. */
  function dropUnknown(error) {
    const key = error.body && error.body.field;
    if (error.status !== 422 || !ALL.includes(key) || !now[key]) return;
    const words = field(key).labels[0].querySelector("span").textContent + " " + now[key];
    set({ [key]: "" }, true);
    note(say("filter_dropped", { what: words }));
  }
  function note(text) {
    const place = Getu.find("#filter-note");
    place.hidden = false;
    place.textContent = text;
  }

  let painter = null;
  let map = null;
  let whole = null;
  function apply(move) {
    for (const key of ALL) if (field(key)) field(key).value = GROUND.includes(key) ? (rowOf(key) || { id: "" }).id : now[key] || "";
    const branch = rowOf("branch");
    for (const option of field("manager").options) {
      const row = rowsOf("manager").find((m) => String(m.id) === option.value);
      option.hidden = Boolean(branch && row && row.branch_id !== branch.id);
    }
    drawChips();
    const ids = Object.fromEntries(GROUND.map((key) => [key, (rowOf(key) || {}).id || ""]));
    painter.filter(ids);
    if (painter.narrow) painter.narrow(query());
    Getu.state.write(Object.fromEntries(ALL.map((key) => [key, now[key] || ""])));
    count();
    const row = rowOf("manager") || rowOf("branch");
    if (move && row) map.fitBounds([[row.south, row.west], [row.north, row.east]], { padding: [40, 40], maxZoom: 15 });
    if (move && !row) whole();
  }
  function set(changes, move) {
    for (const [key, value] of Object.entries(changes)) now[key] = value;
    apply(move);
  }

  /* Who holds the ground, for the lists to choose from: asked for behind the first picture (a bank has a thousand
     managers), or before it where the address names one. A stand-alone file has them in the page. */
  let people = null;
  async function readPeople() {
    if (!Getu.config.branches) Object.assign(Getu.config, await Getu.ask("/api/v1/map/people"));
    const fill = (list, rows, tell) => list && list.append(...rows.map((row) => el("option", tell(row), row.name + (row.branch_id ? " " + row.code : ""))));
    const { branches, managers } = Getu.config;
    fill(field("branch"), branches, (row) => ({ value: row.id }));
    fill(field("manager"), managers, (row) => ({ value: row.id }));
    fill(Getu.find("#print-branch"), branches, (row) => ({ value: row.code, "data-id": row.id }));
  }
  Getu.needPeople = () => (people = people || readPeople().catch((error) => ((people = null), Promise.reject(error))));
  Getu.namesPeople = (state) => GROUND.some((key) => state[key]);

  /* Which layers can be cut: their tiles carry the filter in their address. */
  const takes = (key) => key.split(",").some((one) => (Getu.config.layers.find((layer) => layer.key === one) || {}).takes);
  Getu.cutTiles = (key, tiles) => (query() && takes(key) ? tiles.map((tile) => tile + (tile.includes("?") ? "&" : "?") + query()) : tiles);
  /* What the address asks for, before anything is drawn; an address of before held ids where codes stand now. */
  Getu.readFilter = function (state) {
    for (const key of ALL) {
      const row = GROUND.includes(key) && rowsOf(key).find((one) => one.code === state[key] || String(one.id) === state[key]);
      if (state[key]) now[key] = row ? row.code : state[key];
    }
  };
  Getu.filter = { set, query, asked };
  Getu.wireFilter = function (on, by, state, fit) {
    [map, painter, whole] = [on, by, fit];
    for (const key of GROUND) {
      field(key).addEventListener("focus", () => Getu.needPeople().catch((error) => Getu.toast(error.message)));
      field(key).addEventListener("change", (e) => {
        const row = rowsOf(key).find((one) => String(one.id) === e.target.value);
        set({ ...(key === "branch" ? { manager: "" } : {}), [key]: row ? row.code : "" }, true);
      });
    }
    for (const key of WHO) if (field(key)) field(key).addEventListener("change", (e) => set({ [key]: e.target.value }));
    Getu.find("#clear").addEventListener("click", () => (set(Object.fromEntries(ALL.map((key) => [key, ""])), true), field("branch").focus()));
    const list = Getu.find("#filter-list");
    if (list) list.addEventListener("click", () => Getu.needWords().then(() => Getu.openCustomers({ title: say("filtered_list"), address: "/api/v1/map/customers", query: query(), note: [...Getu.find("#chips").querySelectorAll("button")].map((chip) => chip.textContent).join("·") + "。" })));
    if (WHO.some((key) => now[key]) && Getu.find("#filter-more")) Getu.find("#filter-more").open = true;
    const lost = GROUND.filter((key) => now[key] && !rowOf(key));
    if (query()) Getu.needWords().then(() => {
      for (const key of lost) {
        note(say("filter_dropped", { what: field(key).labels[0].querySelector("span").textContent + " " + now[key] }));
        now[key] = "";
      }
      apply(!state.at);
    });
    const other = state.sight && Getu.config.sight && state.sight !== Getu.config.sight;
    if (other && !lost.length) Getu.needWords().then(() => note(say("filter_cut")));
    return async (key, id) => {
      await Getu.needPeople();
      const row = rowsOf(key).find((one) => one.id === id);
      if (row) set({ ...(key === "branch" ? { manager: "" } : {}), [key]: row.code }, true);
    };
  };
})();
