/* Getu 格图 · the lending-area check at work: the question, its three kinds of subject, the tabs. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const TABS = ["ask", "kept", "exceptions"];
  const KINDS = ["customer", "address", "point"];
  const DATUMS = ["cgcs2000", "wgs84", "gcj02", "bd09"];
  const place = Getu.find("#lending-list");
  const kept = { kind: "customer", branch: (Getu.config.houses[0] || {}).code, customer: "", address: "", lon: "", lat: "", datum: "", date: "" };
  let now = "";

  Getu.schemeTold = (error) => (Getu.toast(error.message), null);
  Getu.tellGrid = (facts) => [facts.name, facts.branch].filter(Boolean).join(" · ");

  function drawTabs() {
    Getu.find("#tabs").replaceChildren(...TABS.map((key) => el("button", { type: "button", role: "tab", id: "tab-" + key, "aria-selected": String(key === now), "aria-controls": "lending-list", tabindex: key === now ? "0" : "-1", onclick: () => show(key) }, say("tab_" + key))));
  }
  async function show(key) {
    now = key;
    history.replaceState(null, "", key === "ask" ? location.pathname + location.search : "#" + key);
    drawTabs();
    place.setAttribute("aria-busy", "true");
    place.setAttribute("aria-label", say("tab_" + key));
    Getu.drawSpot(null);
    colour();
    Getu.schemeMap.fit();
    await Getu.lendingTabs[key](place).catch(Getu.schemeTold);
    if (now === key) place.setAttribute("aria-busy", "false");
  }

  function colour() {
    const house = new Map();
    const tint = (facts) => {
      if (!house.has(facts.branch)) house.set(facts.branch, ["#d3e8ea", "#e7ead2", "#e9dfee", "#f6e6d4", "#dfe7f3", "#e3efe0"][house.size % 6]);
      return house.get(facts.branch);
    };
    Getu.schemeMap.fill(tint, []);
    if (house.size > 1 && house.size < 7) Getu.schemeMap.fill(tint, [...house].map(([name, shade]) => [shade, name || "—"]));
  }

  const field = (id, words, input, hint) => el("label.scheme-field", { for: id }, el("span.cap", {}, words), Object.assign(input, { id }), hint ? el("small.lending-hint", {}, hint) : null);
  const text = (key, more) => el("input.input", { type: "text", autocomplete: "off", value: kept[key], oninput: (event) => (kept[key] = event.target.value), ...more });
  function choose(key, options) {
    const select = el("select.input", { onchange: (event) => (kept[key] = event.target.value) }, ...options.map(([value, words]) => el("option", { value, selected: value === kept[key] }, words)));
    return select;
  }
  function subject() {
    if (kept.kind === "customer") return [field("customer", say("ask_customer"), text("customer", { required: true, maxlength: "200", placeholder: say("ask_customer_eg") }))];
    if (kept.kind === "address") return [field("address", say("ask_address"), text("address", { required: true, maxlength: "500", placeholder: say("ask_address_eg") }))];
    const number = (key) => field(key, say("ask_" + key), text(key, { required: true, inputmode: "decimal", maxlength: "24" }));
    return [
      el("div.lending-pair", {}, number("lon"), number("lat")),
      field("datum", say("ask_datum"), Object.assign(choose("datum", [["", say("ask_datum_choose")], ...DATUMS.map((key) => [key, say("datum_" + key)])]), { required: true }), say("ask_click")),
    ];
  }
  function question() {
    const asked = { branch: kept.branch, date: kept.date || null };
    if (kept.kind === "address") return { ...asked, address: kept.address };
    if (kept.kind === "point") return { ...asked, point: { lon: kept.lon.trim(), lat: kept.lat.trim(), datum: kept.datum } };
    const [source, ...key] = kept.customer.trim().replace("：", ":").split(":");
    return { ...asked, customer: key.length ? { source, key: key.join(":") } : { id: source } };
  }

  Getu.lendingTabs.ask = async function () {
    const kinds = el("div.seg", { role: "group", "aria-label": say("ask_kind") }, ...KINDS.map((key) => el("button", { type: "button", id: "kind-" + key, "aria-pressed": String(key === kept.kind), onclick: () => ((kept.kind = key), Getu.lendingTabs.ask().then(() => Getu.find("#kind-" + key).focus())) }, say("kind_" + key))));
    const go = el("button.btn.pri.lg.wide", { id: "go" }, icon("search"), say("ask_go"));
    const send = async (event) => {
      event.preventDefault();
      go.disabled = true;
      const found = await Getu.send("/api/v1/lending-check", question()).catch(Getu.schemeTold);
      go.disabled = false;
      if (found) Getu.showAnswer(place, found, { words: say("again"), act: () => show("ask") });
    };
    const date = el("input.input", { type: "date", value: kept.date || new Date().toLocaleDateString("sv"), onchange: (event) => (kept.date = event.target.value) });
    const houses = Getu.config.houses.map((one) => [one.code, one.name + " " + one.code + (one.holds ? "" : say("ask_holds_none"))]);
    place.replaceChildren(
      el("form.lending-form", { onsubmit: send }, field("branch", say("ask_branch"), choose("branch", houses)), el("fieldset", {}, el("span.cap", {}, say("ask_kind")), kinds), ...subject(), field("on", say("ask_date"), date), go),
    );
  };

  function click(at) {
    if (now !== "ask" || !Getu.find(".lending-form")) return;
    Object.assign(kept, { kind: "point", lon: at.lng.toFixed(6), lat: at.lat.toFixed(6), datum: "cgcs2000" });
    Getu.lendingTabs.ask();
    Getu.drawSpot({ point: { lon: at.lng, lat: at.lat } });
  }
  Getu.find("#tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    show(TABS[(TABS.indexOf(now) + step + TABS.length) % TABS.length]);
    Getu.find("#tab-" + now).focus();
  });
  Getu.schemeMap.pick((facts, at) => click(at));
  Getu.schemeMap.start();
  Getu.schemeLeaflet.on("click", (event) => click(event.latlng));
  (Getu.config.plan ? Getu.schemeMap.load() : Promise.resolve())
    .then(() => show(TABS.includes(location.hash.slice(1)) ? location.hash.slice(1) : "ask"))
    .catch(Getu.schemeTold)
    .then(() => document.documentElement.setAttribute("data-ready", ""));
})();
