/* Getu 格图 · how a desk talks back: a toast with something to do, a dialog with a title and a foot. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;

  let timer = 0;
  /* A toast with something to do stays eight seconds; a screen reader hears it once. */
  Getu.toastAct = function (words, label, act, key) {
    const toast = Getu.find("#toast");
    const button = label ? el("button", { type: "button", id: "toast-act", onclick: () => ((toast.hidden = true), act()) }, label, " ", el("span.kbd", { "aria-hidden": "true" }, key || "Z")) : null;
    toast.classList.add("with-act");
    toast.replaceChildren(...[el("span", {}, words), button].filter(Boolean));
    toast.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => (toast.hidden = true), 8000);
  };

  Getu.openDialog = function (title, body, foot) {
    const dialog = Getu.find("#dialog");
    const shut = el("button.btn.ghost.icon", { type: "button", "aria-label": say("close"), title: say("close"), onclick: () => dialog.close() }, icon("x"));
    dialog.replaceChildren(el("div.col", { style: "min-height:0;width:100%" }, el("header", {}, el("h2", { id: "dialog-title" }, title), shut), el("div.dialog-body", {}, body), foot && foot.length ? el("div.foot", {}, foot) : null));
    if (!dialog.open) dialog.showModal();
    return dialog;
  };
})();
