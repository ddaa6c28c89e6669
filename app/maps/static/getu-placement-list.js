/* Getu 格图 · the work list: kinds with counts, filter by town, search, rows; or the customers behind a figure. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const KINDS = ["ambiguous", "outside", "low_score", "contradiction"];
  Getu.caseKinds = KINDS;

  const standing = (row) => say(row.standing === "prospect" ? "prospect" : "existing");
  Getu.whoIs = (row) => [row.name, row.customer_kind === "person" ? null : say("kind_" + row.customer_kind), standing(row)].filter(Boolean).join("·");
  const score = (value) => (value === null || value === undefined ? "—" : Number(value).toFixed(2));
  Getu.score = score;
  Getu.countCandidates = (n) => (n < 2 ? say("candidates_" + n) : say("candidates_n", { n }));

  function endOf(row) {
    if (row.rung !== undefined && !row.kind) return [say("rung_" + row.rung), ""];
    if (row.kind === "contradiction" && row.distance_m) return [score(row.score), say("far_by", { d: Getu.far(row.distance_m) })];
    if ((row.warnings || []).includes("old_name")) return [score(row.score), say("old_place_name")];
    if (row.rung !== undefined) return [say("rung_" + row.rung), say("kind_" + row.kind)];
    return [row.candidates ? score(row.score) : "—", Getu.countCandidates(row.candidates)];
  }
  /* 1,063 m is said as people say it. */
  Getu.far = (metres) => (metres >= 1000 ? (metres / 1000).toFixed(1) + " " + say("kilometres") : Math.round(metres) + " " + say("metres"));

  function drawRow(row, at, desk) {
    const [first, second] = endOf(row);
    const attributes = { type: "button", "data-id": row.customer_id, "aria-current": at === desk.at ? "true" : "false", tabindex: at === Math.max(desk.at, 0) ? "0" : "-1", onclick: () => desk.open(at, { show: true }) };
    return el("button.case-row", attributes, el("span.ttl", {}, row.address || say("no_address")), el("span.end.b", {}, first), el("span.cap", {}, Getu.whoIs(row)), el("span.end.cap", {}, second));
  }

  function drawTabs(desk) {
    const counts = (desk.funnel || {})[desk.state] || {};
    const tab = (kind) => el("button", { type: "button", role: "tab", id: "tab-" + kind, "aria-selected": String(desk.kind === kind), title: say("kind_" + kind) + " " + Number(counts[kind] || 0).toLocaleString("en"), onclick: () => desk.filter({ kind }) }, say("kind_" + kind), el("b", {}, number(counts[kind] === undefined ? null : counts[kind])));
    return el("div.kind-tabs", { role: "tablist", "aria-label": say("kinds") }, KINDS.map(tab));
  }

  function drawFilters(desk) {
    const towns = (desk.funnel || { towns: [] }).towns.filter((town) => town[desk.state] || town.code === desk.town);
    const option = (town) => el("option", { value: town.code, selected: town.code === desk.town }, (town.name || say("town_unknown")) + " " + number(town[desk.state]));
    const select = el("select.input", { id: "town", "aria-label": say("town_filter"), onchange: (event) => desk.filter({ town: event.target.value }) }, el("option", { value: "" }, say("town_any")), towns.map(option));
    const search = el("input.input", { id: "find", type: "search", autocomplete: "off", value: desk.q, placeholder: say("find_case"), "aria-label": say("find_case"), maxlength: "80" });
    let timer = 0;
    const soon = () => (clearTimeout(timer), (timer = setTimeout(() => search.value.trim() !== desk.q && desk.filter({ q: search.value.trim() }, { keep: true }), 300)));
    search.addEventListener("input", (event) => event.isComposing || soon());
    search.addEventListener("compositionend", soon);
    search.addEventListener("keydown", (event) => {
      if (event.isComposing || !["Escape", "Enter"].includes(event.key)) return;
      event.preventDefault();
      if (event.key === "Escape") search.value = "";
      soon();
      search.blur();
    });
    return el("div.list-filters", {}, select, search);
  }

  function drawState(desk) {
    const button = (state) => el("button", { type: "button", "aria-pressed": String(desk.state === state), onclick: () => desk.filter({ state }) }, say("state_" + state));
    return el("div.seg", { role: "group", "aria-label": say("state_label") }, button("open"), button("later"));
  }

  function drawHead(desk) {
    if (desk.step) {
      const back = el("button.btn", { type: "button", id: "back-to-cases", onclick: () => desk.leaveStep() }, icon("left"), say("back_to_cases"));
      return el("div.list-head", {}, el("div.between", {}, el("h2", {}, say("list_of", { what: desk.step.words })), back));
    }
    return el("div.list-head", {}, el("div.between", {}, el("h2", {}, say("todo")), drawState(desk)), drawTabs(desk), drawFilters(desk));
  }

  /* Nothing to do: say why that is good, or what else waits. */
  function drawEmpty(desk) {
    const funnel = desk.funnel;
    if (desk.step) return el("div.empty", {}, icon("info"), el("b", {}, say("no_rows")));
    if (funnel && !funnel.imported) {
      const link = Getu.config.may_import ? el("a.btn.pri", { href: "/imports" }, say("step_imported")) : null;
      return el("div.empty", {}, icon("info"), el("b", {}, say("no_one_yet")), el("span", {}, say("no_one_yet_why")), link);
    }
    if (desk.q || desk.town) return el("div.empty", {}, icon("search"), el("b", {}, say("nothing_found")), el("button.btn", { type: "button", onclick: () => desk.filter({ q: "", town: "" }) }, say("clear_filters")));
    const others = funnel ? KINDS.filter((kind) => kind !== desk.kind).reduce((sum, kind) => sum + (funnel[desk.state][kind] || 0), 0) : 0;
    const placed = funnel ? el("span", {}, say("placed_share", { n: number(funnel.village_known), of: number(funnel.imported), share: Getu.share(funnel.village_known, funnel.imported) })) : null;
    const next = others ? el("button.btn", { type: "button", onclick: () => desk.filter({ kind: KINDS.find((kind) => kind !== desk.kind && funnel[desk.state][kind]) }) }, say("other_kinds", { n: number(others) })) : null;
    return el("div.empty", {}, icon("check"), el("b", {}, say("nothing_to_do")), placed, next);
  }

  function drawMore(desk) {
    if (!desk.next) return null;
    return el("div.list-more", {}, el("span.cap", {}, say("loaded_of", { n: number(desk.rows.length), of: number(desk.total) })), el("button.btn", { type: "button", id: "more-cases", onclick: () => desk.more() }, say("more_cases")));
  }

  Getu.drawList = function (desk) {
    const place = Getu.find("#cases");
    const typing = document.activeElement && document.activeElement.id === "find" ? document.activeElement : null;
    const scrolled = place.querySelector(".list-scroll") ? place.querySelector(".list-scroll").scrollTop : 0;
    const body = el("div.list-scroll", { role: "group", "aria-label": say(desk.step ? "list_of" : "todo", { what: (desk.step || {}).words }) }, desk.rows.length ? [...desk.rows.map((row, at) => drawRow(row, at, desk)), drawMore(desk)].filter(Boolean) : drawEmpty(desk));
    const keys = el("span.row.cap", {}, el("span.kbd", {}, "J"), el("span.kbd", {}, "K"), el("span.key-word", {}, say("updown")), el("span.kbd", {}, "Enter"), el("span.key-word", {}, say("accept")), el("button.btn.ghost.icon", { type: "button", id: "help", "aria-label": say("keys"), title: say("keys"), onclick: () => Getu.showKeys() }, "?"));
    const foot = el("div.list-foot", {}, el("button.link.cap", { type: "button", id: "today", onclick: () => Getu.showToday() }, say("today_n", { n: number(desk.today) })), keys);
    place.replaceChildren(drawHead(desk), body, foot);
    place.removeAttribute("aria-busy");
    body.scrollTop = scrolled;
    if (typing) {
      const find = Getu.find("#find");
      find.value = typing.value;
      find.focus();
      find.setSelectionRange(find.value.length, find.value.length);
    }
  };

  /* Only the list itself is scrolled: on a phone the page stays where it is. */
  function keepInSight(row) {
    const box = row.parentElement;
    if (row.offsetTop - box.offsetTop < box.scrollTop) box.scrollTop = row.offsetTop - box.offsetTop;
    else if (row.offsetTop - box.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = row.offsetTop - box.offsetTop + row.offsetHeight - box.clientHeight;
  }
  /* The row that is open stays in sight; the rest of the list stands still. */
  Getu.markRow = function (desk, focus) {
    document.querySelectorAll(".case-row").forEach((row, at) => {
      row.setAttribute("aria-current", String(at === desk.at));
      row.tabIndex = at === desk.at ? 0 : -1;
      if (at !== desk.at) return;
      keepInSight(row);
      if (focus) row.focus({ preventScroll: true });
    });
  };
})();
