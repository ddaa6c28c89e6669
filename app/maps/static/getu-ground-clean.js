/* Getu 格图 · cleaning at once: slivers, or the whole plan, as a proposal made of steps with one bill. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const close = () => Getu.find("#dialog").close();

  function sum(steps) {
    const total = { area_m2: 0, customers: 0, existing: 0, prospects: 0, deposit_yuan: 0, loan_yuan: 0, managers: [], key_clients: [], letters: 0, households: 0 };
    for (const step of steps) {
      const bill = step.bill || step;
      for (const key of ["area_m2", "customers", "existing", "prospects", "deposit_yuan", "loan_yuan", "letters", "households"]) total[key] += Number(bill[key] || 0);
      total.managers.push(...(bill.managers || []));
      total.key_clients.push(...(bill.key_clients || []));
    }
    return total;
  }
  const titleOf = (step) => {
    const finding = step.finding && typeof step.finding === "object" ? step.finding : Getu.desk.rows0.find((row) => row.id === Number(step.finding || step.finding_id)) || { kind: step.kind || "sliver", names: step.names || step.codes || [] };
    return Getu.titleOf(finding);
  };
  const optionOf = (step) => Getu.half2(step, "title") || Getu.half2(step.option || {}, "title") || "";
  function line(step) {
    return el("li.clean-row", {}, el("span.grow", {}, titleOf(step), el("span.cap", {}, optionOf(step))), el("span.num", {}, Getu.areaOf((step.bill || step).area_m2)), el("span.num", {}, say("g_customers_count", { n: number((step.bill || step).customers || 0) })));
  }
  const whyLeft = (one) => el("li.clean-row", {}, el("span.grow", {}, titleOf(one), el("span.cap", {}, Getu.half2(one, "why") || Getu.half2(one, "reason") || Getu.half2(one, "") || one.reason || "")));

  function draw(kinds, proposal) {
    const steps = proposal.steps || [];
    const left = proposal.left || [];
    const total = proposal.bill || sum(steps);
    const body = el("div.job-body", {}, steps.length ? [Getu.drawBill(total), Getu.drawForecast(proposal.forecast)] : el("div.note", {}, icon("info"), el("div", {}, say("g_clean_nothing"))), steps.length ? el("ul.clean-list", { "aria-label": say("g_clean_steps", { n: steps.length }) }, steps.slice(0, 200).map(line)) : null, left.length ? el("details.left", {}, el("summary", {}, say("g_clean_left", { n: left.length })), el("ul.clean-list", {}, left.slice(0, 100).map(whyLeft))) : null);
    const go = el("button.btn.pri", { type: "button", id: "clean-go", disabled: !steps.length, onclick: () => land(kinds, go) }, say("g_clean_apply", { n: steps.length }));
    Getu.openDialog(say(kinds ? "g_clean" : "g_clean_plan"), body, [el("button.btn", { type: "button", onclick: close }, say("cancel")), go]);
  }
  const body = (kinds) => (kinds ? { kinds } : {});
  async function land(kinds, go) {
    const desk = Getu.desk;
    go.disabled = true;
    go.textContent = say("g_applying");
    try {
      const done = await Getu.send(desk.base + "/clean", body(kinds));
      close();
      await desk.reload();
      const last = done.numbers[done.numbers.length - 1];
      Getu.toastAct(say("g_cleaned_n", { n: number(done.numbers.length) }), last ? say("g_undo") : null, () => desk.undoClean(last));
    } catch (error) {
      close();
      Getu.toastAct(error.message);
    }
  }
  Getu.openClean = async function (kinds) {
    Getu.openDialog(say(kinds ? "g_clean" : "g_clean_plan"), el("div.job-body", {}, el("p", {}, say("g_trying"))), []);
    try {
      const proposal = await Getu.send(Getu.desk.base + "/clean?dry_run=true", body(kinds));
      if (Getu.find("#dialog").open) draw(kinds, proposal);
    } catch (error) {
      Getu.openDialog(say("g_clean"), el("div.job-body", {}, el("div.note.fault", { role: "alert" }, icon("alert"), el("div", {}, error.message))), [el("button.btn", { type: "button", onclick: close }, say("close"))]);
    }
  };
})();
