/* Getu 格图 · who was responsible: for a point, a grid or a customer, on a date, as far as it was known on another. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, say } = Getu;
  const kit = Getu.kit;
  const asked = { by: "grid", lon: "", lat: "", grid: "", customer: "", on: kit.today(), known: "" };
  const ROLES = ["primary", "backup", "liaison", "terminal_administrator"];
  let ground = null;
  let turn = 0;

  const lineOf = (one) => (one ? (typeof one === "string" ? one : [one.name, one.code || one.staff_code].filter(Boolean).join(" ")) : "");
  const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);
  function question() {
    const facts = new URLSearchParams();
    if (asked.by === "point") {
      if (!asked.lon || !asked.lat) throw new Error(say("say_point"));
      facts.set("lon", asked.lon);
      facts.set("lat", asked.lat);
    } else {
      if (!asked[asked.by]) throw new Error(say("say_" + asked.by));
      facts.set(asked.by, asked[asked.by]);
    }
    if (asked.on) facts.set("on", asked.on);
    /* A day is known to its end; a moment is known to the moment. */
    if (asked.known) facts.set("known_at", asked.known);
    return facts;
  }
  async function ask() {
    const mine = ++turn;
    const place = Getu.find("#who-answer");
    delete document.documentElement.dataset.answered;
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await Getu.ask("/api/v1/responsible?" + question());
      if (mine === turn) tell(place, answer);
    } catch (error) {
      if (mine === turn) place.replaceChildren(error.status === 404 ? kit.note("", error.message) : kit.why(error));
    }
    place.removeAttribute("aria-busy");
    document.documentElement.dataset.answered = String(mine);
  }
  function tell(place, answer) {
    const who = answer.who || answer.duties || answer;
    const grid = answer.grid || {};
    const branch = answer.branch || {};
    const plan = answer.plan || {};
    const primary = list(who.primary)[0];
    const rows = ROLES.slice(1).map((role) => [role, list(who[role] || who[role + "s"] || who[role.replace("administrator", "administrators")])]);
    const reason = answer.reason || answer.why;
    const row = (key, value) => (value ? [el("dt", {}, say(key)), el("dd", {}, value)] : []);
    const since = (one) => (one && (one.valid_from || one.since || one.from) ? say("since", { from: one.valid_from || one.since || one.from, to: one.valid_to || one.to || say("open_end") }) : "");
    const recorded = primary && (primary.recorded_at || primary.recorded_from || primary.recorded);
    place.replaceChildren(
      el("article.card.answer", {}, el("header", {}, el("div", {}, el("span.cap", {}, say("answer_on", { on: answer.on || asked.on }) + (asked.known ? "·" + say("answer_known", { at: asked.known.replace("T", " ") }) : "")), el("h2", { id: "who-name" }, primary ? lineOf(primary) : say("nobody_then")), el("span.cap", {}, primary ? say("role_primary") + "·" + since(primary) : ""))),
        el("div.body", {}, el("dl.kv", {}, row("branch", lineOf(branch) || lineOf(primary && primary.branch)), row("grid", [grid.code || answer.grid_code, grid.name].filter(Boolean).join(" ")), ...rows.map(([role, people]) => row("role_" + role, people.map(lineOf).join("、"))), row("plan", [plan.code, plan.name].filter(Boolean).join("·")), row("certificate", plan.certificate_no || answer.certificate_no), row("recorded", recorded ? kit.when(recorded) : "")), reason ? el("p.cap", {}, typeof reason === "string" ? reason : reason[Getu.config.lang === "zh" ? "zh" : "en"] || "") : null)));
  }

  function pickPoint(latlng) {
    asked.by = "point";
    asked.lon = latlng.lng.toFixed(6);
    asked.lat = latlng.lat.toFixed(6);
    ground.mark([{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [Number(asked.lon), Number(asked.lat)] } }], {});
    draw();
    ask();
  }
  function draw() {
    const seg = el("div.seg", { role: "group", "aria-label": say("who_by") }, ["point", "grid", "customer"].filter((key) => key !== "customer" || kit.may("see_customers")).map((key) => el("button", { type: "button", "data-by": key, "aria-pressed": String(asked.by === key), onclick: () => ((asked.by = key), draw()) }, say("by_" + key))));
    const text = (key, more) => el("input.input", { id: "who-" + key, value: asked[key], oninput: (event) => (asked[key] = event.target.value.trim()), ...more });
    const fields = asked.by === "point" ? el("div.pair", {}, kit.field(say("lon"), text("lon", { inputmode: "decimal" })), kit.field(say("lat"), text("lat", { inputmode: "decimal" }))) : asked.by === "grid" ? kit.field(say("grid_code"), text("grid", { list: "who-grids" })) : kit.field(say("customer_no"), text("customer", { inputmode: "numeric" }));
    const on = el("input.input", { type: "date", id: "who-on", value: asked.on, onchange: () => (asked.on = on.value) });
    const known = el("input.input", { type: "datetime-local", id: "who-known", value: asked.known, onchange: () => (asked.known = known.value) });
    const form = el("form", { onsubmit: (event) => (event.preventDefault(), Object.assign(asked, { on: on.value, known: known.value }), ask()) }, el("div.body.col", { style: "gap:12px" }, seg, fields, asked.by === "point" ? el("p.cap", {}, say("point_how")) : null, el("div.pair", {}, kit.field(say("on_day"), on), kit.field(say("known_at"), known, say("known_hint"))), el("button.btn.pri.lg", { type: "submit", id: "who-go" }, say("who_go"))));
    Getu.find("#who-form").replaceChildren(el("header", {}, el("h2", {}, say("who_title"))), form, el("datalist", { id: "who-grids" }, grids.slice(0, 2000).map((one) => el("option", { value: one.properties.code }, one.properties.name))));
  }
  let grids = [];
  Getu.parts = Getu.parts || {};
  Getu.parts.who = async function (place) {
    const frame = el("div.map.who-map");
    place.replaceChildren(el("div.col.who-left", { style: "gap:16px" }, el("section.card", { id: "who-form" }), el("div", { id: "who-answer", role: "status" })), el("section.card.who-where", {}, frame));
    draw();
    ground = Getu.makeGroundMap(frame, {
      name: say("who_map"),
      look: () => ({ fillColor: "#eef5f5", fillOpacity: 0.9, color: "#7b868c", weight: 1 }),
      tip: (props) => props.code + " " + props.name,
      click: (props, feature, event) => pickPoint(event.latlng),
    });
    ground.map.on("click", (event) => pickPoint(event.latlng));
    const now = kit.plans.find((one) => one.status === "in_force") || kit.plans[0];
    if (!now) return;
    grids = (await Getu.ask(kit.address(now.code, "/outlines"))).features;
    ground.show(grids);
    draw();
  };
  Getu.parts.who.shown = () => ground && ground.fit();
})();
