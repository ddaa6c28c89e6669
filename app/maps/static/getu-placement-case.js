/* Getu 格图 · one case: what is written, why it is in doubt, the candidates as cards, what can be decided. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const zh = Getu.config.lang === "zh";
  const WARNED = ["wrong_town", "old_name", "ambiguous", "outside"];

  const DATUMS = { gcj02: "GCJ-02", bd09: "BD-09" };
  function why(one) {
    const method = one.answer.method || "";
    const blank = ["empty", "placeholder", "unreadable"].includes(method) && one.placement.lon === null;
    if (blank) return say("why_unreadable");
    if (!one.kind) return say([0, 6].includes(one.placement.rung) ? "why_unplaced" : "why_none");
    const likelier = DATUMS[one.detail.likelier_datum];
    if (one.kind === "contradiction") return say("why_contradiction", { d: Getu.far(one.detail.distance_m || 0) }) + (likelier ? say("likelier_is", { datum: likelier }) : "");
    if (one.detail.unread) return say("unread_is", { words: one.detail.unread });
    if (one.kind === "ambiguous") return say("why_ambiguous", { n: one.candidates.length });
    if (one.kind === "outside") return say("why_outside");
    return say(one.candidates.length ? "why_low_score" : "why_unknown");
  }
  const nowAt = (one) => {
    const place = one.placement;
    return say("now_in", { rung: say("rung_" + place.rung), grid: place.grid ? place.grid.name : say("no_grid") });
  };

  function drawHead(one) {
    const facts = [Getu.whoIs(one), one.source, one.updated_on ? say("address_of", { day: one.updated_on }) : null].filter(Boolean).join("·");
    const warnings = (one.answer.warnings || []).filter((key) => WARNED.includes(key) && key !== one.kind);
    const badges = [one.kind ? el("span.badge.warn", {}, say("kind_" + one.kind)) : null, ...warnings.map((key) => el("span.badge", {}, say("warn_" + key)))].filter(Boolean);
    const back = el("button.btn.ghost.icon.back", { type: "button", "aria-label": say("back_to_list"), title: say("back_to_list"), onclick: () => Getu.desk.back() }, icon("left"));
    return [back, el("div.grow", {}, el("h2", { id: "case-title", tabindex: "-1" }, one.address || say("no_address")), el("div.cap.case-facts", {}, facts)), el("div.case-badges", {}, badges)];
  }

  function titleOf(offer) {
    if (offer.act === "pin") return say(offer.reason === "likelier_datum" ? "likelier_candidate" : "source_candidate", { name: offer.name || say("no_grid") });
    if (offer.level === "village") return say("village_level", { name: offer.name });
    if (offer.level === "town") return say("town_level", { name: offer.name });
    return offer.village && offer.village !== offer.name ? offer.village + " " + offer.name : offer.name;
  }
  function factsOf(offer) {
    const grid = offer.grid ? say("grid_is", { code: offer.grid.code }) : offer.level === "town" || offer.level === "county" ? null : say(Getu.config.plan ? "grid_not_mine" : "no_grid");
    const point = offer.rung === 5 && offer.level === "village" ? say("no_point_drawn") : null;
    return [zh ? offer.reason_zh : offer.reason_en, offer.town, grid, point].filter(Boolean).join("·");
  }
  function drawChoice(offer, chosen) {
    const on = offer.letter === chosen;
    const sure = offer.score === null ? "" : Getu.score(offer.score);
    return el("button.choice", { type: "button", role: "radio", "aria-checked": String(on), tabindex: on || (!chosen && offer.letter === "A") ? "0" : "-1", "data-letter": offer.letter, onclick: () => Getu.desk.choose(offer.letter) }, el("span.letter", { "aria-hidden": "true" }, offer.letter), el("span", { style: "min-width:0" }, el("span.ttl", { style: "display:block" }, titleOf(offer)), el("span.cap", { style: "display:block" }, factsOf(offer))), el("span.end", {}, el("span.b", { style: "display:block" }, sure), el("span.cap", {}, say("rung_" + offer.rung))));
  }
  Getu.titleOfChoice = titleOf;

  const key = (name) => el("span.kbd", { "aria-hidden": "true" }, name);
  const button = (id, words, letter, act, look) => el("button.btn.lg" + (look || ""), { type: "button", id: "do-" + id, "aria-keyshortcuts": letter, onclick: act }, words, key(letter));

  /* A town places nobody: it is taken only where somebody points at it. */
  Getu.defaultOf = function (one) {
    const small = one.candidates.find((offer) => offer.level !== "town" && offer.level !== "county");
    return small ? small.letter : "";
  };
  /* The one primary button says what Enter does. */
  Getu.primaryOf = function (one, chosen) {
    if (chosen) return ["take", say("take", { letter: chosen })];
    return one.kind === "outside" ? ["outside", say("take_outside")] : ["pin", say("pin")];
  };

  function drawActs(one, chosen) {
    const desk = Getu.desk;
    if (!one.kind || one.state === "decided") return el("div.case-acts", {}, button("pin", say("move_pin"), "P", () => desk.pin(), ".pri"));
    const [first, words] = Getu.primaryOf(one, chosen);
    const acts = [button("first", words, "Enter", () => desk.accept(), ".pri")];
    if (first !== "pin") acts.push(button("pin", say("pin"), "P", () => desk.pin()));
    if (one.state !== "later") acts.push(button("later", say("skip_case"), "L", () => desk.decide({ action: "later" })));
    if (first !== "outside") acts.push(button("outside", say("outside"), "O", () => desk.decide({ action: "outside" })));
    acts.push(button("unclear", say("unclear"), "U", () => desk.decide({ action: "unclear" })));
    return el("div.case-acts", {}, acts);
  }
  function drawSame(one) {
    const n = one.same_prefix;
    const able = one.kind === "outside" && !one.candidates.length ? "same_outside" : Getu.desk.chosen ? "same_n" : "";
    if (!n || !able || one.state === "decided") return null;
    return el("div.same-line", {}, el("button.btn", { type: "button", id: "do-same", "aria-keyshortcuts": "Shift+Enter", onclick: () => Getu.desk.accept({ same: true }) }, say(able, { n: number(n) }), key("Shift+Enter")));
  }
  function drawHistory(one) {
    if (!one.steps.length) return null;
    const line = (step) => el("li", {}, [Getu.when(step.at), step.by_whom || say("somebody"), say("step_" + step.action) + (step.undone ? "（" + say("step_undone") + "）" : ""), step.note].filter(Boolean).join("·"));
    return el("details.case-history", {}, el("summary", {}, say("history", { n: one.steps.length })), el("ul", {}, one.steps.map(line)));
  }

  Getu.drawCase = function (one, chosen) {
    const place = Getu.find("#case");
    delete place.dataset.empty;
    Getu.find("#case-head").replaceChildren(...drawHead(one));
    Getu.find("#case-body").replaceChildren(...drawBody(one, chosen));
    place.dataset.id = one.customer_id;
    place.removeAttribute("aria-busy");
  };
  function drawBody(one, chosen) {
    const note = el("div.case-why", {}, icon(one.kind ? "alert" : "info"), el("span.grow", {}, why(one)), el("span.cap", {}, nowAt(one)));
    if (!one.kind) return [note, drawHistory(one), drawActs(one, chosen)].filter(Boolean);
    const cards = one.candidates.length ? el("div.choices", { role: "radiogroup", "aria-label": say("choices") }, one.candidates.map((offer) => drawChoice(offer, chosen))) : el("div.choices", {}, el("div.note", {}, icon("info"), el("div", {}, el("b", {}, say("no_candidates")), " ", say("no_candidates_why"))));
    if (one.state !== "decided") cards.append(el("button.choice-more", { type: "button", id: "other-place", onclick: () => Getu.findPlace() }, icon("search"), el("span.grow", {}, say("other_place")), key("S")));
    return [note, cards, drawHistory(one), drawSame(one), drawActs(one, chosen)].filter(Boolean);
  }
  Getu.markChoice = function (one, chosen) {
    const inside = document.activeElement && document.activeElement.classList.contains("choice");
    Getu.find("#case-body").replaceChildren(...drawBody(one, chosen));
    const card = document.querySelector('.choice[data-letter="' + chosen + '"]');
    if (card) card.scrollIntoView({ block: "nearest" });
    if (card && inside) card.focus({ preventScroll: true });
  };

  Getu.clearCase = function (words) {
    const place = Getu.find("#case");
    place.dataset.empty = "1";
    delete place.dataset.id;
    Getu.find("#case-head").replaceChildren(el("div.grow.sec", {}, words || say("case_empty")));
    Getu.find("#case-body").replaceChildren();
    place.removeAttribute("aria-busy");
  };

  /* While a pin is being set the bar over the map says where it stands, and saves it. */
  Getu.drawPinBar = function (at) {
    const bar = Getu.find("#pin-bar");
    bar.hidden = !at;
    Getu.find("#case").toggleAttribute("data-pinning", Boolean(at));
    Getu.find("#tool-pin") && Getu.find("#tool-pin").setAttribute("aria-pressed", String(Boolean(at)));
    if (!at) return bar.replaceChildren();
    const grid = at.grid === null ? "…" : at.grid ? at.grid.name : say("pin_nowhere");
    const words = at.village ? say("pin_in", { village: at.village, grid }) : at.grid === null ? say("pin_where") : grid;
    const told = el("span.grow", { role: "status" }, words, el("span.cap", { style: "display:block" }, say("pin_where")));
    const save = el("button.btn.pri", { type: "button", id: "pin-save", onclick: () => Getu.desk.savePin() }, say("pin_save"), key("Enter"));
    const leave = el("button.btn", { type: "button", id: "pin-leave", onclick: () => Getu.desk.leavePin() }, say("pin_leave"), key("Esc"));
    bar.replaceChildren(told, save, leave);
  };
})();
