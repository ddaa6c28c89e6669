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
  const named = (one) => (one.hidden ? say("hidden_person") : [one.name, one.code, one.phone].filter(Boolean).join(" "));
  const words = (rows) => (rows || []).map((one) => one[Getu.config.lang === "zh" ? "zh" : "en"]).filter(Boolean);
  function tell(place, answer) {
    const { primary, grid, branch, plan } = answer;
    const row = (key, value) => (value ? [el("dt", {}, say(key)), el("dd", {}, value)] : []);
    const span = (one) => say("since", { from: one.valid_from || "…", to: one.valid_to || say("open_end") });
    const said = answer[Getu.config.lang === "zh" ? "message_zh" : "message_en"];
    const contested = (answer.contested_with || []).map((one) => (one.code ? one.code + " " + (one.name || "") : one)).join("、");
    const limits = words(answer.limits);
    place.replaceChildren(
      el("article.card.answer", {}, el("header", {}, el("div", {}, el("span.cap", {}, say("answer_on", { on: answer.on }) + "·" + (answer.known_at ? say("answer_known", { at: kit.when(answer.known_at) }) : say("answer_now"))), el("h2", { id: "who-name" }, primary ? named(primary) : say("nobody_then")), el("span.cap", {}, primary ? say("role_primary") + "·" + span(primary) : said || ""))),
        el("div.body.col", { style: "gap:12px" }, el("dl.kv", {}, row("branch", branch && branch.name + (branch.type ? "（" + say("type_" + branch.type) + "）" : "")), row("grid", grid && grid.code + " " + grid.name), ...ROLES.slice(1).map((role) => row("role_" + role, answer[role] && named(answer[role]) + "·" + span(answer[role]))), row("plan", plan && plan.code + "·" + plan.name), row("recorded", primary && primary.known_from && kit.when(primary.known_from)), row("remark", primary && primary.reason), row("contested", contested)), words(answer.why).length ? el("ul.why-list", {}, words(answer.why).map((one) => el("li", {}, one))) : null, limits.length ? kit.note("warn", limits.join("；")) : null)));
    if (grid) ground.mark(grids.filter((one) => one.properties.code === grid.code), { color: "#074853", weight: 3, fillColor: "#9cc6cd", fillOpacity: 0.6 }, true);
  }

  let pin = null;
  function spot() {
    if (pin) pin.remove();
    pin = L.circleMarker([Number(asked.lat), Number(asked.lon)], { radius: 7, color: "#fff", weight: 2, fillColor: "#1d5a9c", fillOpacity: 1, interactive: false, pane: "markerPane" }).addTo(ground.map);
  }
  function pickPoint(latlng) {
    asked.by = "point";
    asked.lon = latlng.lng.toFixed(6);
    asked.lat = latlng.lat.toFixed(6);
    spot();
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
      label: (props) => props.name,
      look: () => ({ fillColor: "#eef5f5", fillOpacity: 0.9, color: "#7b868c", weight: 1 }),
      tip: (props) => props.code + " " + props.name,
      click: (props, feature, event) => pickPoint(event.latlng),
    });
    ground.map.on("click", (event) => pickPoint(event.latlng));
    const now = kit.inForce() || kit.plans[0];
    if (!now) return;
    grids = (await Getu.ask(kit.address(now.code, "/outlines"))).features;
    ground.show(grids);
    draw();
  };
  Getu.parts.who.shown = () => ground && ground.fit();
})();
