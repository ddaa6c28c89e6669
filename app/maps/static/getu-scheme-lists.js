/* Getu 格图 · the lists of responsibility: progress, targets, contacts, checklists. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number, share } = Getu;
  const zh = () => Getu.config.lang === "zh";
  const may = (right) => Getu.config.rights.includes(right);
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  /* words, colour of the lamp, colour of the ground, badge */
  const LIGHTS = { green: ["light_green", "#1a6b48", "#9fcfb3", "ok"], amber: ["light_amber", "#d99a2b", "#f6dfb0", "warn"], red: ["light_red", "#b3231c", "#ecb4af", "fault"] };
  const tab = (Getu.schemeTabs = {});

  const send = (method, address, body) => Getu.ask(address, { method, headers: { "Content-Type": "application/json", "X-CSRF-Token": Getu.config.csrf }, body: JSON.stringify(body) });
  Getu.schemeSend = send;
  const today = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  Getu.schemeToday = today;
  const empty = (title, why) => el("div.empty", {}, icon("info"), el("b", {}, title), el("p", {}, why));
  Getu.schemeEmpty = empty;
  const chip = (words, count, on, act) => el("button.chip", { type: "button", "aria-pressed": String(on), onclick: act }, words, " ", el("b.num", {}, number(count)));

  /* Progress: drawn, held, signed */
  let lights = null;
  let only = "";
  tab.lights = async function (place) {
    lights = await Getu.ask("/api/v1/scheme/lights");
    drawLights(place);
  };
  const seen = () => lights.grids.filter((grid) => !only || grid.light === only);
  const wordOf = (grid) => (grid.light === "red" && grid.held ? "light_fault" : LIGHTS[grid.light][0]);
  function drawLights(place) {
    const by = new Map(lights.grids.map((grid) => [grid.code, grid]));
    const lines = Object.keys(LIGHTS).map((light) => [LIGHTS[light][2], say(LIGHTS[light][0]) + (light === "red" ? " / " + say("light_fault") : ""), lights.counts[light]]);
    Getu.schemeMap.fill((facts) => (by.has(facts.code) ? LIGHTS[by.get(facts.code).light][2] : null), lines);
    const people = new Set(seen().filter((grid) => grid.light === "amber").map((grid) => grid.manager_code));
    const total = lights.grids.length;
    place.replaceChildren(
      el("header.scheme-sum", {}, el("div", {}, el("b.big", {}, share(lights.counts.green, total)), el("span.cap", {}, say("light_green") + " " + number(lights.counts.green) + " / " + say("grids_n", { n: number(total) }))), el("p.cap", {}, say("lights_why"))),
      el("div.scheme-chips", {}, chip(say("all"), total, !only, () => ((only = ""), drawLights(place))), ...Object.keys(LIGHTS).map((light) => chip(say(LIGHTS[light][0]), lights.counts[light], only === light, () => ((only = light), drawLights(place))))),
      el("div.scheme-rows", { role: "list" }, ...seen().map((grid) => lightRow(grid, place))),
      may("divide_ground") && people.size ? el("footer.scheme-foot", {}, dayField(), el("button.btn.pri", { type: "button", id: "sign-all", onclick: () => sign([...people], place) }, say("sign_all", { n: people.size }))) : el("span", { hidden: true }),
    );
  }
  const dayField = () => el("label.row.signed", {}, el("span.cap", {}, say("signed_on")), el("input.input.small", { type: "date", id: "signed-on", value: today(), max: today() }));
  function lightRow(grid, place) {
    const [, lamp, , badge] = LIGHTS[grid.light];
    return el("button.scheme-row", { type: "button", role: "listitem", "data-code": grid.code, onclick: () => openGrid(grid, place) }, el("i.lamp", { style: "background:" + lamp, "aria-hidden": "true" }), el("span.grow", {}, el("b", {}, grid.name), el("small", {}, [grid.code, grid.branch, grid.manager || say("nobody")].filter(Boolean).join(" · "))), el("span.badge." + badge, {}, say(wordOf(grid)), grid.signed_on ? " " + grid.signed_on : ""));
  }
  async function sign(staff, place) {
    const told = await send("POST", "/api/v1/scheme/letters", { staff, signed_on: Getu.find("#signed-on").value }).catch(Getu.schemeTold);
    if (!told) return;
    Getu.toast(say("signed_told", { n: told.signed }));
    await tab.lights(place);
  }

  /* One grid: four posts and its checklist */
  async function openGrid(grid, place) {
    Getu.schemeMap.choose(grid.code, true);
    const found = await Getu.ask("/api/v1/scheme/grids/" + grid.id).catch(Getu.schemeTold);
    if (!found) return;
    const post = ([key, who]) => el("div", {}, el("dt", {}, say("post_" + key)), el("dd", {}, who ? who.name + " " : say("nobody"), who ? el("small", {}, who.code) : null, who && who.by_hand ? el("span.badge", {}, say("by_hand")) : null));
    place.replaceChildren(
      el("header.scheme-one", {}, el("button.btn.ghost.icon", { type: "button", id: "back", "aria-label": say("all"), onclick: () => drawLights(place) }, icon("left")), el("div", {}, el("h2", { tabindex: "-1" }, grid.name), el("small", {}, grid.code + " · " + (grid.branch || "")))),
      el("h3", {}, say("posts")),
      el("dl.kv.scheme-posts", {}, ...Object.entries(found.posts).map(post)),
      el("h3", {}, say("checklist")),
      found.rules.length ? el("ol.scheme-rules", {}, ...found.rules.map((rule) => el("li", {}, el("span", {}, zh() ? rule.zh : rule.en || rule.zh), el("span.badge", {}, zh() ? rule.every_zh : rule.every_en)))) : el("p.cap", {}, say("no_checklist")),
    );
    Getu.find(".scheme-one h2").focus();
  }
  tab.lightsPick = (facts, place) => {
    const grid = lights && lights.grids.find((one) => one.code === facts.code);
    if (grid) openGrid(grid, place);
  };

  /* Targets: done ÷ target */
  const SEQ = [1, 2, 3, 4, 5].map((n) => token("--seq-" + n));
  const BREAKS = [0.25, 0.5, 0.75, 1];
  const classOf = (ratio) => BREAKS.filter((least) => ratio >= least).length;
  const asked = { period: today().slice(0, 7), by: "branch", measure: "" };
  tab.targets = async function (place) {
    const [rows, grids] = await Promise.all(["by=" + asked.by, "by=grid"].map((by) => Getu.ask("/api/v1/targets?period=" + asked.period + "&" + by)));
    const measures = rows.totals.map((one) => one.measure);
    if (!measures.includes(asked.measure)) asked.measure = measures[0] || "";
    const of = (list) => list.filter((row) => row.measure === asked.measure);
    const ratios = new Map(of(grids.rows).map((row) => [row.code, row.ratio]));
    const counts = [0, 0, 0, 0, 0];
    for (const ratio of ratios.values()) if (ratio !== null) counts[classOf(ratio)]++;
    const edges = ["< 25%", "25–50%", "50–75%", "75–100%", "≥ 100%"];
    Getu.schemeMap.fill((facts) => (ratios.has(facts.code) && ratios.get(facts.code) !== null ? SEQ[classOf(ratios.get(facts.code))] : null), measures.length ? [...edges.map((edge, n) => [SEQ[n], edge, counts[n]]), ["#f1f3f0", say("no_data")]] : []);
    const select = (id, label, options, value, act) => el("label", {}, el("span.cap", {}, label), el("select.input.small", { id, onchange: (event) => act(event.target.value) }, ...options.map(([key, words]) => el("option", { value: key, selected: key === value }, words))));
    const again = (key) => (value) => ((asked[key] = value), tab.targets(place).catch(Getu.schemeTold));
    place.replaceChildren(
      el("header.scheme-ask", {}, el("label", {}, el("span.cap", {}, say("period")), el("input.input.small", { type: "text", id: "period", value: asked.period, pattern: "\\d{4}(-(0[1-9]|1[0-2])|-Q[1-4])?", maxlength: "7", onchange: (event) => event.target.reportValidity() && again("period")(event.target.value) })), select("measure", say("measure"), rows.totals.map((one) => [one.measure, zh() ? one.zh : one.en]), asked.measure, again("measure")), select("by", say("by"), ["branch", "manager", "town", "grid"].map((by) => [by, say("by_" + by)]), asked.by, again("by"))),
      measures.length ? targetTable(of(rows.rows), of(rows.totals)[0]) : empty(say("no_targets"), say("no_targets_why")),
    );
  };
  function targetTable(rows, total) {
    const line = (row, last) => el("div.scheme-target" + (last ? ".last" : ""), {}, el("span", {}, last ? say("total") : row.name || say("nobody"), last ? null : el("small", {}, row.code)), el("span.num", {}, row.told ? number(row.actual) + " ÷ " + number(row.target) : say("untold") + " ÷ " + number(row.target)), el("span.bar-t", {}, el("i", { style: "width:" + Math.min(100, 100 * (row.ratio || 0)) + "%" })), el("b.num", {}, row.ratio === null ? "—" : share(row.actual, row.target)));
    return el("div.scheme-rows", {}, line(total, true), ...rows.map((row) => line(row)));
  }

  /* Contact branches */
  tab.contacts = async function (place) {
    const { contacts } = await Getu.ask("/api/v1/scheme/contacts");
    const people = [...new Set(contacts.map((one) => one.staff_code).filter(Boolean))];
    const colour = (code) => (code ? Getu.config.colours[people.indexOf(code) % Getu.config.colours.length] : null);
    const by = new Map(contacts.map((one) => [one.branch_code, one]));
    const names = new Map(contacts.map((one) => [one.staff_code, one.staff]));
    Getu.schemeMap.fill((facts) => colour((by.get(facts.branch_code) || {}).staff_code), [...people.map((code) => [colour(code), names.get(code), contacts.filter((one) => one.staff_code === code).length]), ["#f1f3f0", say("no_contact"), contacts.filter((one) => !one.staff_code).length]]);
    const row = (one) => el("div.scheme-row.still", { "data-branch": one.branch_code }, el("i.lamp", { style: "background:" + (colour(one.staff_code) || "#f1f3f0") }), el("span.grow", {}, el("b", {}, one.branch), el("small", {}, one.branch_code)), el("span.who", {}, one.staff || say("no_contact"), one.staff ? el("small", {}, [one.department, one.valid_from].filter(Boolean).join(" · ")) : null), may("plan_ground") ? el("button.btn.small-btn", { type: "button", onclick: (event) => changeContact(one, event.target.closest(".scheme-row"), place) }, say("change")) : null);
    place.replaceChildren(el("div.scheme-rows", {}, ...contacts.map(row)));
  };
  function changeContact(one, row, place) {
    const staff = el("input.input.small", { name: "staff", placeholder: say("staff_no"), "aria-label": say("staff_no"), value: one.staff_code || "" });
    const from = el("input.input.small", { type: "date", value: today(), "aria-label": say("from_day") });
    const save = async (event) => {
      event.preventDefault();
      const done = await send("PUT", "/api/v1/scheme/contacts", { branch: one.branch_code, staff: staff.value.trim() || null, valid_from: from.value || null }).catch(Getu.schemeTold);
      if (done) Getu.toast(say("saved")), tab.contacts(place);
    };
    row.replaceChildren(el("b", {}, one.branch), el("form.row.grow", { onsubmit: save }, staff, from, el("button.btn.pri.small-btn", {}, say("save")), el("button.btn.small-btn", { type: "button", onclick: () => tab.contacts(place) }, say("cancel"))));
    staff.focus();
  }

  /* Checklists by kind of grid */
  tab.rules = async function (place) {
    const { rules } = await Getu.ask("/api/v1/scheme/rules");
    const kinds = [...new Set(rules.map((rule) => rule.grid_kind))];
    const colour = (kind) => (kinds.includes(kind) ? Getu.config.colours[kinds.indexOf(kind) % Getu.config.colours.length] : null);
    const grids = Getu.schemeMap.all();
    Getu.schemeMap.fill((facts) => colour(facts.kind), kinds.map((kind) => [colour(kind), say("kind_" + kind), grids.filter((one) => one.kind === kind).length]));
    place.replaceChildren(el("div.scheme-rows", {}, ...kinds.map((kind) => el("section.scheme-kind", {}, el("h3", {}, el("i.lamp", { style: "background:" + colour(kind) }), say("kind_" + kind)), el("ol.scheme-rules", {}, ...rules.filter((rule) => rule.grid_kind === kind).map((rule) => el("li", {}, el("span", {}, zh() ? rule.zh : rule.en || rule.zh), el("span.badge", {}, zh() ? rule.every_zh : rule.every_en))))))));
  };
})();
