/* Getu 格图 · the operation record: every step of the draft, each with its own way back. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, say } = Getu;
  let all = false;

  function drawStep(step, desk) {
    const may = step.can_undo && (Getu.config.may_plan || Getu.config.may_divide);
    const undo = may ? el("button.link", { type: "button", "data-step": step.number, onclick: () => desk.undoStep(step.number) }, say(desk.takesBack(step) ? "g_redo" : "g_undo")) : el("span.cap", {}, step.undone ? say("g_undone") : "");
    const who = (step.by && step.by.name) || step.by || step.by_name;
    return el("li.step" + (step.undone ? ".gone" : ""), { title: who || null }, el("span.cap", {}, Getu.when(step.at)), el("button.link.step-t", { type: "button", title: say("g_show_on_map"), onclick: () => desk.showStep(step) }, Getu.stepTitle(step)), undo);
  }
  Getu.drawRecord = function (desk) {
    const steps = desk.steps || [];
    const shown = all ? steps : steps.slice(0, 6);
    const more = steps.length > 6 ? el("button.link", { type: "button", onclick: () => ((all = !all), desk.redraw()) }, all ? say("g_fewer") : say("g_all_steps", { n: steps.length })) : null;
    return el("section.record", { "aria-label": say("g_record") }, el("div.between", {}, el("h3", {}, say("g_record")), more), steps.length ? el("ul", {}, shown.map((step) => drawStep(step, desk))) : el("p.cap", {}, say("g_no_steps")));
  };
})();
