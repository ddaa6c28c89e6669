/* Getu 格图 · what is done with chosen grids: offered, withdrawn, accepted, returned; batches and returns with reasons. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const kit = Getu.kit;
  const HEAD = Getu.config.role === "head";
  const STEP = HEAD ? "branch" : "manager";
  const send = (board, more, body) => Getu.send(kit.address(board.plan, more), body);
  const ROLES = ["primary", "backup", "liaison", "terminal_administrator"];
  let shown = { role: "primary", to: "", list: "" };

  const chosenOf = (board) => [...board.chosen].map((code) => board.byCode(code)).filter(Boolean);
  /* What the chosen grids hold; what nobody has counted in this plan yet is not told as none. */
  function sums(grids) {
    const told = (key, words) => {
      const known = grids.map((one) => one.properties[key]).filter((value) => value !== null && value !== undefined);
      return known.length ? say(words, { n: number(known.reduce((a, b) => a + Number(b), 0)) }) : "";
    };
    return [say("n_grids", { n: number(grids.length) }), told("households", "n_households"), told("customers", "n_customers")].filter(Boolean).join("·");
  }
  async function act(board, button, place, work, words) {
    await kit.press(button, async () => {
      await work();
      await board.again(words, false);
    }, place);
  }

  /* The card of what is chosen: to whom, from when, why. */
  Getu.drawOffer = function (board) {
    const place = Getu.find("#allot-offer");
    const grids = chosenOf(board);
    const told = el("div", { id: "offer-told" });
    const towns = [...new Map(board.grids.map((one) => [one.properties.town_code || one.properties.town, one.properties.town]).filter(([key]) => key)).entries()];
    const town = kit.select({ id: "pick-town", "aria-label": say("pick_town"), onchange: () => town.value && board.toggle(board.grids.filter((one) => (one.properties.town_code || one.properties.town) === town.value).map((one) => one.properties.code), true) }, [["", say("pick_town")], ...towns]);
    const list = el("input.input.small", { id: "pick-list", placeholder: say("pick_list"), "aria-label": say("pick_list"), onkeydown: (event) => event.key === "Enter" && (event.preventDefault(), take()) });
    function take() {
      const asked = list.value.split(/[\s,，;；]+/).filter(Boolean);
      const known = asked.filter((code) => board.byCode(code));
      const unknown = asked.filter((code) => !board.byCode(code));
      if (known.length) board.toggle(known, true);
      if (unknown.length) kit.toast(say("unknown_codes", { codes: unknown.slice(0, 5).join("、") }));
    }
    const picking = el("div.pick-by", {}, town, el("div.row", {}, list, kit.button(say("pick"), take, { id: "pick-go" })), el("p.cap", {}, say("pick_how")));
    if (!grids.length) return place.replaceChildren(el("header", {}, el("h3", {}, say(HEAD ? "offer_branch" : "offer_manager"))), picking, told);
    const people = Getu.config.staff.filter((one) => (shown.role === "liaison" || shown.role === "terminal_administrator" ? one.kind === shown.role : one.kind === "manager" || one.kind === "branch_head"));
    const to = kit.select({ id: "offer-to", onchange: () => (shown.to = to.value) }, HEAD ? Getu.config.branches.map((one) => [one.code, one.name + (one.type ? "（" + say("type_" + one.type) + "）" : "")]) : people.map((one) => [one.code, one.name + " " + one.code]), shown.to);
    const role = HEAD ? null : kit.select({ id: "offer-role", onchange: () => ((shown.role = role.value), Getu.drawOffer(board)) }, ROLES.map((key) => [key, say("role_" + key)]), shown.role);
    const plan = kit.plan(board.plan) || {};
    const from = el("input.input", { type: "date", id: "offer-from", value: plan.status === "in_force" ? kit.today() : plan.valid_from || kit.today() });
    const why = el("input.input", { id: "offer-why", maxlength: "200" });
    const go = kit.button(say(HEAD ? "offer_go_branch" : "offer_go_manager"), () => act(board, go, told, () => send(board, "/allot", { step: STEP, grids: grids.map((one) => one.properties.code), to: to.value, ...(HEAD ? {} : { role: shown.role }), valid_from: from.value || null, reason: why.value.trim() || null }), say("offered_done", { n: number(grids.length), to: HEAD ? kit.branchName(to.value) : kit.staffName(to.value) })), { id: "offer-go", look: "pri.wide" });
    const moved = HEAD ? grids.filter((one) => one.properties.branch_code && one.properties.branch_code !== to.value).length : 0;
    place.replaceChildren(
      el("header", {}, el("h3", {}, say("chosen_n", { n: number(grids.length) })), kit.button(say("clear"), () => board.clear(), { look: "ghost" })),
      el("div.offer-form", {}, el("p.cap", {}, sums(grids)), el("div.chosen-codes", {}, grids.slice(0, 40).map((one) => el("button.chip", { type: "button", title: one.properties.name, "aria-label": say("drop", { what: one.properties.code }), onclick: () => board.toggle([one.properties.code], false) }, one.properties.code, icon("x"))), grids.length > 40 ? el("span.cap", {}, say("and_more", { n: number(grids.length - 40) })) : null),
        kit.field(say(HEAD ? "to_branch" : "to_person"), to), role ? kit.field(say("as_role"), role) : null,
        el("div.pair", {}, kit.field(say("valid_from"), from), kit.field(say("why_optional"), why)), moved ? el("p.cap", {}, say("moves_branch", { n: number(moved) })) : null, go),
      told, el("details.pick-more", {}, el("summary", {}, say("pick_more")), picking));
  };

  /* Batches: what waits for an answer, what came back and why */
  const nameOf = (one) => one.to_name || (one.staff && one.staff.name) || one.staff_name || (one.branch && one.branch.name) || one.branch_name || "";
  const reasonOf = (one) => one.answer_reason || one.reason_back || "";
  const codeOf = (one) => one.grid_code || one.code || (one.grid && one.grid.code);
  Getu.offerCode = codeOf;
  Getu.offerReason = reasonOf;
  function group(offers) {
    const batches = new Map();
    for (const one of offers) batches.set(one.batch, [...(batches.get(one.batch) || []), one]);
    return [...batches.entries()].sort((a, b) => b[0] - a[0]);
  }
  function codesOf(board, offers) {
    return el("div.chosen-codes", {}, offers.slice(0, 8).map((one) => el("button.chip", { type: "button", title: one.grid_name || "", onclick: () => board.zoomTo(codeOf(one)) }, codeOf(one))), offers.length > 8 ? el("span.cap", {}, say("and_more", { n: number(offers.length - 8) })) : null);
  }
  function askReason(title, go, submit) {
    const why = el("textarea.input.area", { id: "return-why", rows: "3", maxlength: "300", required: true });
    kit.dialog(title, el("div.body", {}, kit.field(say("return_reason"), why, say("return_needs"))), { go, async submit() {
      if (!why.value.trim()) throw new Error(say("say_reason"));
      await submit(why.value.trim());
    } });
  }
  Getu.askReason = askReason;

  function drawIncoming(board, batches) {
    return batches.map(([batch, offers]) => {
      const told = el("div");
      const first = offers[0];
      const answer = (body) => send(board, "/allotments/answer", { batch, ...body });
      const yes = kit.button(say("accept_n", { n: number(offers.length) }), () => act(board, yes, told, () => answer({ answer: "accept" }), say("accepted_done", { n: number(offers.length) })), { look: "pri" });
      const no = kit.button(say("return"), () => askReason(say("return_q", { n: number(offers.length) }), say("return"), async (reason) => {
        await answer({ answer: "return", reason });
        await board.again(say("returned_done", { n: number(offers.length) }), false);
      }));
      return el("article.batch.incoming", { "data-batch": batch }, el("b", {}, say("from_head", { n: number(offers.length) })), el("span.cap", {}, [kit.when(first.offered_at), say("from_day", { day: first.valid_from }), first.reason].filter(Boolean).join("·")), codesOf(board, offers), el("div.row", {}, yes, no), told);
    });
  }
  function drawOutgoing(board, batches) {
    return batches.map(([batch, offers]) => {
      const told = el("div");
      const names = [...new Set(offers.map(nameOf))].join("、");
      const back = kit.button(say("withdraw"), () => act(board, back, told, () => Getu.withdraw(board, batch, offers), say("withdrawn_done", { n: number(offers.length) })));
      return el("article.batch", { "data-batch": batch }, el("div.between", {}, el("b", {}, say("offered_to", { to: names, n: number(offers.length) })), back), el("span.cap", {}, [kit.when(offers[0].offered_at), say("waits")].join("·")), codesOf(board, offers), told);
    });
  }
  function drawReturned(board, offers) {
    return offers.slice(0, 40).map((one) => el("article.batch.back", {}, el("div.between", {}, el("button.link", { type: "button", onclick: () => (board.toggle([codeOf(one)], true), board.zoomTo(codeOf(one))) }, codeOf(one) + " " + (one.grid_name || (one.grid && one.grid.name) || "")), el("span.cap", {}, nameOf(one))), el("p.quote", {}, "“" + reasonOf(one) + "”"), el("span.cap", {}, kit.when(one.answered_at))));
  }
  Getu.withdraw = (board, batch) => send(board, "/allotments/withdraw", { batch });

  Getu.drawBatches = function (board) {
    const open = board.offers.filter((one) => one.state === "offered");
    const out = group(open.filter((one) => one.step === STEP));
    const incoming = HEAD ? [] : group(open.filter((one) => one.step === "branch"));
    const newest = new Map();
    for (const one of [...board.offers].sort((a, b) => a.id - b.id)) newest.set(codeOf(one), one);
    const back = [...newest.values()].filter((one) => one.state === "returned" && one.step === STEP);
    const block = (key, rows, none) => el("section.batches", {}, el("h3", {}, say(key), rows.length ? el("span.count", {}, number(rows.length)) : null), rows.length ? rows : el("p.cap", {}, say(none)));
    const parts = [];
    if (!HEAD) parts.push(block("incoming", drawIncoming(board, incoming), "no_incoming"));
    parts.push(block("came_back", drawReturned(board, back), "no_returns"), block("waiting", drawOutgoing(board, out), "no_waiting"));
    Getu.find("#allot-batches").replaceChildren(...parts);
    const badge = Getu.find("#count-allot");
    const n = HEAD ? back.length : incoming.length + back.length;
    badge.textContent = n ? number(n) : "";
    badge.hidden = !n;
  };
})();
