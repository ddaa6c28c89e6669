/* Getu 格图 · the card of one customer, and what may be done from it: reveal, report a visit. Brought when first opened. */
(function () {
  "use strict";
  const { el, icon, say, number, money } = window.Getu;
  const { block, facts, link, rows } = Getu.parts;
  const zh = () => Getu.config.lang === "zh";
  const send = (address, body) => Getu.ask(address, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": Getu.config.csrf }, body: JSON.stringify(body) });
  const day = (moment) => (moment || "").slice(0, 10);

  /* Phone, number and address stand masked; who may see them says why first, and the audit keeps it. */
  function who(one) {
    const home = el("div.block");
    const draw = (clear) => {
      const shown = clear || one;
      const phone = clear && clear.phone ? el("a", { href: "tel:" + clear.phone }, clear.phone) : shown.phone || "—";
      home.replaceChildren(facts([clear ? [say("name"), clear.name] : [], [say("phone"), phone], [say("card_id"), shown.id_card || "—"], [say("address"), shown.address || "—"]].filter((pair) => pair.length)));
      if (!clear && Getu.can("reveal_customers")) home.append(el("button.btn", { type: "button", onclick: () => ask(draw, home, one) }, icon("eye"), say("reveal")));
      if (clear) home.append(el("p.cap", { role: "status" }, say("reveal_done")));
    };
    draw(null);
    return home;
  }
  function ask(draw, home, one) {
    const why = el("input.input", { id: "reveal-why", required: true, minlength: "2", maxlength: "200", autocomplete: "off" });
    const told = el("p.cap.warn", { role: "alert" });
    const form = el("form.col.ask", {}, el("label.cap", { for: "reveal-why" }, say("reveal_why")), why, told, el("div.row", {}, el("button.btn", { type: "submit" }, say("reveal_do")), el("button.btn.ghost", { type: "button", onclick: () => draw(null) }, say("cancel"))));
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      try {
        draw(await send("/api/v1/customers/" + one.id + "/reveal", { reason: why.value.trim() }));
      } catch (error) {
        told.textContent = error.message;
      }
    });
    home.lastChild.replaceWith(form);
    why.focus();
  }

  function place(one, tools) {
    const { village, rung, accuracy_m: off } = one.place;
    const sure = [say("rung_" + rung), say("card_confidence", { n: Math.round(one.score * 100) + "%" }), off ? say("card_accuracy", { n: number(off) }) : null].filter(Boolean).join("·");
    const held = one.holders.primary;
    const why = one.reason ? Getu.config.words["reason_" + one.reason] || one.reason : "";
    return el(
      "div.block",
      {},
      facts([
        [say("card_place"), sure],
        [say("kind_village"), village ? link(village.name + (village.town ? "（" + village.town + "）" : ""), () => tools.open("village", village.id)) : "—"],
        [say("card_ground"), one.grid ? link(one.grid.name + " " + one.grid.code, () => tools.open("grid", one.grid.id, true)) : say("card_no_grid") + (why ? "·" + why : "")],
        [say("manager"), held ? link(held.name + " " + held.code, () => tools.open("manager", held.id)) : one.grid ? say("no_manager") : "—"],
        [say("branch"), one.branch ? link(one.branch.name, () => tools.open("branch", one.branch.id)) : "—"],
        [say("card_lead"), one.lead_level ? say("lead_" + one.lead_level) : "—"],
        [say("card_booking"), one.booking_branch ? link(one.booking_branch.name, () => tools.open("branch", one.booking_branch.id)) : one.booking_branch_code || "—"],
      ])
    );
  }

  function products(one) {
    if (!one.products.length) return null;
    return block(say("card_products"), null, facts(one.products.map((p) => [say("product_" + p.product), money(p.yuan) + (zh() ? (p.yuan >= 1e4 ? "元" : " 元") : " CNY")])));
  }
  function visits(one) {
    const filed = say(one.filed ? "filed_yes" : "filed_no") + "·" + say("last_visit") + " " + (one.last_visit_on || "—");
    const shown = one.visits.map((v) => el("li.client", {}, el("span.num", {}, day(v.visited_at)), el("span.grow", {}, [v.staff_name, v.note].filter(Boolean).join("·") || "—"), el("span.badge", {}, say("outcome_" + v.outcome))));
    return block(say("card_visits"), filed, shown.length ? el("ul", {}, shown) : el("p.cap", {}, say("card_no_visit")));
  }
  function household(one, tools) {
    if (!one.household) return null;
    const others = one.household.members.filter((m) => m.customer_id !== one.id);
    const row = (m) => [el("span.grow", {}, m.name, el("span.cap", {}, " " + (m.relation_zh && zh() ? m.relation_zh : ""))), el("span.cap", {}, (m.reasons || []).map((r) => r[zh() ? "zh" : "en"]).join("、")), el("span.num.b", {}, Math.round(m.confidence * 100) + "%")];
    const hidden = one.household.hidden ? el("p.cap", {}, say("card_hidden", { n: one.household.hidden })) : null;
    return block(say("card_household"), say("card_of_n", { n: one.household.persons + one.household.hidden }), others.length ? rows(others, row, (m) => tools.open("customer", m.customer_id)) : null, hidden);
  }
  function links(one, tools) {
    if (!one.links.length) return null;
    const row = (l) => [el("span.grow", {}, l.customer.name, el("span.cap", {}, " " + l.customer.source)), el("span.cap", {}, zh() ? l.how_zh : say("how_" + l.how)), el("span.num.b", {}, Math.round(l.confidence * 100) + "%")];
    return block(say("card_links"), null, rows(one.links, row, (l) => tools.open("customer", l.customer.id)));
  }

  function report(one, tools, foot) {
    const outcome = el("select.input", { id: "visit-outcome" }, ["met", "signed", "absent", "refused"].map((key) => el("option", { value: key }, say("outcome_" + key))));
    const note = el("input.input", { id: "visit-note", maxlength: "500", autocomplete: "off" });
    const told = el("p.cap.warn", { role: "alert" });
    const back = [...foot.childNodes];
    const key = Date.now().toString(36) + Math.random().toString(36).slice(2, 10);
    const form = el("form.col.ask.grow", {}, el("label.cap", { for: "visit-outcome" }, say("visit_outcome")), outcome, el("label.cap", { for: "visit-note" }, say("visit_note")), note, told, el("div.row", {}, el("button.btn.pri.grow", { type: "submit" }, say("visit_send")), el("button.btn.ghost", { type: "button", onclick: () => foot.replaceChildren(...back) }, say("cancel"))));
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const now = new Date().toISOString();
      try {
        await send("/api/v1/visits", { client_key: key, customer_id: one.id, outcome: outcome.value, note: note.value, visited_at: now });
        Getu.toast(say("visit_done"));
        tools.again();
      } catch (error) {
        told.textContent = error.message;
      }
    });
    foot.replaceChildren(form);
    outcome.focus();
  }

  Getu.drawCustomer = function (one, tools) {
    const tier = one.tier === "regular" ? null : el("span.badge.brand-b", {}, say("tier_" + one.tier));
    const visit = Getu.can("report_visits") && one.grid && el("button.btn.pri.grow", { type: "button", onclick: (e) => report(one, tools, e.target.closest(".foot")) }, say("card_visit"));
    const pin = Getu.can("place_customers") && el("a.btn", { href: "/pin?customer=" + one.id }, icon("pin"), say("card_pin"));
    const spot = one.place.point;
    const look = spot ? el("button.btn", { type: "button", onclick: () => tools.at(...spot) }, icon("locate"), say("on_map")) : one.grid && el("button.btn", { type: "button", onclick: () => tools.open("grid", one.grid.id, true) }, icon("locate"), say("on_map"));
    const source = one.source[zh() ? "name" : "name_en"];
    return Getu.drawFrame({
      cap: [say("standing_" + one.standing), say("kind_" + one.kind), source + " " + one.source.key].join("·"),
      title: one.name,
      badges: [tier].filter(Boolean),
      blocks: [who(one), place(one, tools), products(one), visits(one), household(one, tools), links(one, tools)],
      foot: [visit, look, pin],
    });
  };
})();
