/* Getu 格图 · one household: who, how sure, why; what can be decided about it. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const zh = Getu.config.lang === "zh";
  const key = (name) => el("span.kbd", { "aria-hidden": "true" }, name);

  function drawHead(one) {
    const records = one.members.length > one.persons ? say("records_n", { n: number(one.members.length) }) : null;
    const facts = [Getu.whereOf(one), say("persons_n", { n: number(one.persons) }), records, one.hidden ? say("hidden_n", { n: number(one.hidden) }) : null];
    const state = one.state === "confirmed" ? el("span.badge.brand-b", {}, icon("check"), say("is_confirmed")) : null;
    const back = el("button.btn.ghost.icon.back", { type: "button", "aria-label": say("back"), title: say("back"), onclick: () => Getu.desk.back() }, icon("left"));
    return el("header", {}, back, el("div.grow", {}, el("h2", { id: "one-title", tabindex: "-1" }, Getu.nameOf(one)), el("div.cap", {}, facts.filter(Boolean).join("·"))), el("div.home-badges", {}, [state, Getu.bandBadge(one)].filter(Boolean)));
  }

  function drawMember(member, one, desk) {
    const ticked = desk.ticked.has(member.customer_id);
    const box = el("input", { type: "checkbox", id: "tick-" + member.customer_id, checked: ticked, "aria-label": say("tick", { name: member.name }), onchange: () => desk.tick(member.customer_id) });
    const relation = member.relation ? say("relation_" + member.relation) : say("no_relation");
    const mark = member.customer_id === one.head_customer_id ? "span.badge.brand-b" : "span.badge";
    const who = el("div.who", {}, el("b.b", {}, member.name), el(member.relation ? mark : "span.cap", {}, relation), member.state === "confirmed" ? el("span.badge.ok", {}, icon("check"), say("is_confirmed")) : null);
    const facts = [member.source.name, member.address, member.grid.code].filter(Boolean).join("·");
    const why = el("div.why", { "aria-label": say("why_linked") }, member.reasons.map((reason) => el("span.badge", {}, zh ? reason.zh : reason.en)));
    const sure = el("div.sure", {}, el("span.b", {}, Getu.sure(member.confidence)), el("div.bar-t", { role: "img", "aria-label": say("band") + " " + Getu.sure(member.confidence) }, el("i", { style: "width:" + Math.round(100 * member.confidence) + "%" })));
    return el("li.person" + (ticked ? ".ticked" : ""), { "data-id": member.customer_id }, el("label.tick", {}, box), el("div", { style: "min-width:0" }, who, el("div.facts", {}, facts), why), sure);
  }

  function drawPin(one, desk) {
    const offer = one.pin_from;
    if (!offer) return null;
    const from = one.members.find((member) => member.customer_id === offer.customer_id);
    const words = say("pin_offer", { name: from ? from.name : "—", n: number(offer.customer_ids.length) });
    return el("div.note", { id: "pin-offer" }, icon("info"), el("div.grow", {}, words), el("button.btn", { type: "button", id: "pin-take", onclick: () => desk.takePin(offer) }, say("pin_take")));
  }
  function drawPast(one) {
    if (!one.steps.length) return null;
    const line = (step) => el("li", {}, [Getu.when(step.at), step.who || say("somebody"), say("step_" + step.action) + (step.undone ? "（" + say("step_is_undone") + "）" : "")].join("·"));
    return el("details.home-past", {}, el("summary", {}, say("past_steps", { n: number(one.steps.length) })), el("ul", {}, one.steps.map(line)));
  }

  /* One primary button: to confirm, while there is somebody to confirm. */
  function drawActs(one, desk) {
    const open = one.members.some((member) => member.state === "proposed");
    const words = one.state === "confirmed" && open ? say("confirm_rest") : say("confirm");
    const n = desk.ticked.size;
    const confirm = el("button.btn.lg.pri", { type: "button", id: "do-confirm", disabled: !open, "aria-keyshortcuts": "Enter", onclick: () => desk.confirm() }, words, key("Enter"));
    const split = el("button.btn.lg", { type: "button", id: "do-split", "aria-keyshortcuts": "S", onclick: () => desk.split() }, n ? say("split_n", { n }) : say("split"), key("S"));
    const undo = el("button.btn.lg", { type: "button", id: "do-undo", disabled: !desk.mayUndo(one), "aria-keyshortcuts": "Z", onclick: () => desk.undo() }, icon("undo"), say("undo"), key("Z"));
    return el("div.home-acts", {}, confirm, split, undo);
  }

  Getu.drawOne = function (one, desk) {
    const place = Getu.find("#one");
    const list = el("ul", { "aria-label": say("members") }, one.members.map((member) => drawMember(member, one, desk)));
    const scrolled = place.querySelector(".home-body") && place.dataset.id === String(one.id) ? place.querySelector(".home-body").scrollTop : 0;
    const focused = document.activeElement && place.contains(document.activeElement) ? document.activeElement.id : "";
    const body = el("div.home-body", {}, ...[drawPin(one, desk), list, drawPast(one)].filter(Boolean));
    place.replaceChildren(drawHead(one), body, drawActs(one, desk));
    place.dataset.id = String(one.id);
    place.dataset.state = one.state;
    body.scrollTop = scrolled;
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus({ preventScroll: true });
  };
  Getu.clearOne = function () {
    const place = Getu.find("#one");
    delete place.dataset.id;
    place.replaceChildren(el("div.empty", {}, icon("info"), el("b", {}, say("choose_home"))));
  };
})();
