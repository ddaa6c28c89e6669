/* Getu 格图 · the answer of a lending check: a stamp, the facts, the way to the border on the map, an exception. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const zh = Getu.config.lang === "zh";
  const half = (one, key) => one[key + (zh ? "_zh" : "_en")];
  const metres = (m) => (m >= 10000 ? (m / 1000).toFixed(2) + " " + say("kilometres") : m.toFixed(1) + " " + say("metres"));
  /* Subjects are kept in Chinese; their first word says of which kind they are. */
  const KINDS = { "客户": "kind_customer", "地址": "kind_address", "点位": "kind_point" };
  Getu.subjectOf = (one) => (zh ? one.subject : one.subject.replace(/^(客户|地址|点位)/, (word) => say(KINDS[word])));
  /* Farther away than this a spot is not drawn beside the ground: it would be a line through the void. */
  const FAR_M = 60000;
  const isFar = (found) => Boolean(found.point) && found.distance_m > FAR_M;
  let marks = null;

  /* The spot in the circle of how surely it is known, and the line to the border's nearest point. */
  Getu.drawSpot = function (found) {
    const map = Getu.schemeLeaflet;
    if (!marks) marks = L.layerGroup().addTo(map);
    marks.clearLayers();
    if (!found || !found.point || isFar(found)) return;
    const at = [found.point.lat, found.point.lon];
    const bounds = L.latLng(at).toBounds(4 * (found.edge_m || 50));
    if (found.edge_m) L.circle(at, { radius: found.edge_m, color: "#b3231c", weight: 1, dashArray: "4 3", fillOpacity: 0.08, interactive: false }).addTo(marks);
    if (found.foot) {
      const to = [found.foot[1], found.foot[0]];
      L.polyline([at, to], { color: "#17232b", weight: 2, dashArray: "6 4", interactive: false }).addTo(marks);
      L.circleMarker(to, { radius: 4, color: "#17232b", weight: 2, fillColor: "#fff", fillOpacity: 1, interactive: false }).addTo(marks);
      /* A short way would lie under its own words: they stand below the spot. */
      const brief = found.distance_m < 2 * (found.edge_m || 0);
      const label = el(brief ? "span.below" : "span", {}, metres(found.distance_m));
      L.marker(brief ? at : [(at[0] + to[0]) / 2, (at[1] + to[1]) / 2], { interactive: false, keyboard: false, icon: L.divIcon({ className: "spot-label", html: label, iconSize: [0, 0] }) }).addTo(marks);
      bounds.extend(to);
    }
    L.circleMarker(at, { radius: 7, color: "#fff", weight: 2, fillColor: "#b3231c", fillOpacity: 1, interactive: false }).addTo(marks);
    map.fitBounds(bounds.pad(0.6), { maxZoom: 16, animate: false, padding: [48, 48] });
  };

  /* The asked branch's ground (with all below it) stands out among the others; without an answer, each branch by its colour. */
  Getu.tintGround = function (code) {
    const own = new Set([code]);
    for (let before = 0; before < own.size; ) {
      before = own.size;
      for (const one of Getu.config.houses) if (own.has(one.parent)) own.add(one.code);
    }
    const names = new Set(Getu.config.houses.filter((one) => own.has(one.code)).map((one) => one.name));
    Getu.schemeMap.fill((facts) => (names.has(facts.branch) ? "#a9d5d9" : "#e8e9e3"), [["#a9d5d9", say("own_ground")], ["#e8e9e3", say("other_ground")]]);
  };

  Getu.stampOf = (found) => el("div.stamp.tone-" + found.answer + (half(found, "answer").length > 3 ? ".long" : ""), { role: "img", "aria-label": half(found, "answer") }, el("b", {}, half(found, "answer")));

  function facts(found) {
    const rows = [];
    const add = (key, words) => words && rows.push(el("dt", {}, say(key)), el("dd", {}, words));
    if (found.distance_m !== null) add("distance_to", metres(found.distance_m) + (zh ? "（" + found.side.zh + "一侧）" : " (from " + found.side.en + ")"));
    if (found.edge_m !== null) add("edge_width", metres(found.edge_m) + (zh ? "，" : ", ") + say("edge_why"));
    const placed = found.evidence.placed;
    add("placed_how", say("rung_" + placed.rung) + (placed.rung ? " · " + say("score", { n: placed.score.toFixed(2) }) : ""));
    if (found.evidence.grid) add("in_grid", found.evidence.grid.name + " " + found.evidence.grid.code);
    if (found.holder) add("held_by", found.holder.name + " " + found.holder.code);
    if (found.reason === "branch_without_ground" && found.superior) add("superior", found.superior.name + " " + found.superior.code);
    if (found.evidence.candidates.length > 1) add("maybe", found.evidence.candidates.map((one) => one.name).join(zh ? "、" : ", "));
    if (found.plan) add("by_plan", found.plan.name + " " + found.plan.code + " · " + say("plan_version", { n: found.plan.ground_version }));
    add("ask_date", found.on);
    add("number", String(found.id));
    return el("dl.kv", {}, ...rows);
  }
  const hidden = (found) => found.subject.startsWith("客户") && !found.point && ![5, 6, 0].includes(found.evidence.placed.rung);

  /* `again` is drawn as the way back; what stands about an exception comes with the answer. */
  Getu.showAnswer = function (place, found, again) {
    const why = half(found, "message").split(zh ? "：" : ": ").slice(1).join(zh ? "：" : ": ");
    const limits = found.evidence.limits.map((one) => (zh ? one.zh : one.en));
    if (hidden(found)) limits.unshift(say("hidden_place"));
    if (isFar(found)) limits.unshift(say("too_far"));
    const acts = el("div.lending-acts", {}, el("a.btn.pri", { href: "/api/v1/lending-checks/" + found.id + ".pdf", target: "_blank", rel: "noopener", id: "print-check" }, icon("print"), say("print")));
    const wish = el("div", { hidden: true });
    if (found.answer !== "in" && !(found.exception && ["asked", "approved"].includes(found.exception.state))) acts.append(el("button.btn", { type: "button", id: "wish", onclick: () => openWish(wish, found) }, icon("plus"), say("ask_exception")));
    acts.append(el("button.btn", { type: "button", id: "again", onclick: again.act }, again.words));
    place.replaceChildren(
      el("div.lending-one", {},
        el("div.lending-head", {}, el("div", {}, el("h2", { tabindex: "-1", id: "answer" }, Getu.subjectOf(found)), el("p", {}, found.branch.name + " · " + half(found, "answer") + (zh ? "：" : ": ") + why)), Getu.stampOf(found)),
        stands(found.exception),
        facts(found), acts, wish,
        limits.length ? el("p.lending-note", {}, say("limits") + (zh ? "：" : ": ") + limits.join(zh ? "；" : "; ")) : ""),
    );
    Getu.tintGround(found.branch.code);
    Getu.drawSpot(found);
    Getu.find("#answer").focus();
  };
  function stands(one) {
    if (!one) return "";
    const holds = one.state === "approved" && !one.ended;
    return el("p.lending-stands" + (holds ? "" : ".past"), { id: "stands" }, icon(holds ? "check" : "info"), holds ? say("exception_stands", { day: one.valid_until }) : say("exception_is", { state: Getu.stateOf(one) }));
  }
  Getu.stateOf = (one) => say("state_" + (one.ended ? "ended" : one.state));
  Getu.metresOf = metres;

  function openWish(wish, found) {
    const words = el("textarea.input", { id: "why", rows: "4", maxlength: "500", required: true, placeholder: say("exception_why_eg") });
    const send = async (event) => {
      event.preventDefault();
      const done = await Getu.send("/api/v1/lending-checks/" + found.id + "/exception", { reason: words.value }).catch(Getu.schemeTold);
      if (!done) return;
      wish.hidden = true;
      const button = Getu.find("#wish");
      if (button) button.remove();
      Getu.toast(say("exception_sent"));
    };
    wish.hidden = false;
    wish.replaceChildren(el("form.lending-wish", { onsubmit: send }, el("label.scheme-field", {}, el("span.cap", {}, say("exception_why")), words), el("div.row", {}, el("button.btn.pri", { id: "send-wish" }, say("send")), el("button.btn", { type: "button", onclick: () => (wish.hidden = true) }, say("cancel")))));
    words.focus();
  }
})();
