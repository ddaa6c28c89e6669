/* Getu 格图 · the desk without a mouse: one key a decision; the letters work under a Chinese input method too. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const NUDGE = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const LIST = [
    [["J", "K", "↓", "↑"], "key_move"],
    [["A–E", "1–5", "←", "→"], "key_choose"],
    [["Enter"], "key_accept"],
    [["Shift", "Enter"], "key_same"],
    [["P"], "key_pin"],
    [["↑", "↓", "←", "→"], "key_nudge"],
    [["O"], "key_outside"],
    [["U"], "key_unclear"],
    [["L"], "key_later"],
    [["Z"], "key_undo"],
    [["/"], "key_search"],
    [["?"], "key_help"],
  ];

  Getu.openDialog = function (title, body, foot) {
    const dialog = Getu.find("#dialog");
    const shut = el("button.btn.ghost.icon", { type: "button", "aria-label": say("close"), title: say("close"), onclick: () => dialog.close() }, icon("x"));
    dialog.replaceChildren(el("div.col", { style: "min-height:0;width:100%" }, el("header", {}, el("h2", { id: "dialog-title" }, title), shut), el("div.dialog-body", {}, body), foot && foot.length ? el("div.foot", {}, foot) : null));
    if (!dialog.open) dialog.showModal();
    return dialog;
  };
  Getu.showKeys = function () {
    const lines = LIST.flatMap(([keys, words]) => [el("dt", {}, keys.map((one) => el("span.kbd", {}, one))), el("dd", {}, say(words))]);
    Getu.openDialog(say("keys_title"), el("dl.keys-list", {}, lines));
  };

  const letterOf = (event) => (/^Key[A-Z]$/.test(event.code) ? event.code[3] : /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : "");
  function numberOf(event) {
    const found = /^(?:Digit|Numpad)([1-5])$/.exec(event.code) || /^([1-5])$/.exec(event.key);
    return found ? Number(found[1]) : 0;
  }

  /* Enter on a button is that button's; on the open row or the chosen card it takes what is chosen. */
  function ownEnter(target) {
    const control = target.closest("button,a,summary,select,input,textarea");
    return Boolean(control) && !control.matches('.case-row[aria-current="true"],.choice[aria-checked="true"]');
  }

  function pinning(event, desk) {
    const step = NUDGE[event.key];
    if (step) {
      const far = event.shiftKey ? 40 : 8;
      return Getu.caseMap.nudge(step[0] * far, step[1] * far), true;
    }
    if (event.key === "Escape") return desk.leavePin(), true;
    if (event.key === "Enter" && !event.target.closest("#pin-leave")) return desk.savePin(), true;
    return letterOf(event) === "P" ? (desk.leavePin(), true) : false;
  }

  function decide(event, desk) {
    const acts = { J: () => desk.stepBy(1), K: () => desk.stepBy(-1), P: () => desk.pin(), O: () => desk.decide({ action: "outside" }), U: () => desk.decide({ action: "unclear" }), L: () => desk.decide({ action: "later" }), Z: () => desk.undo() };
    const letter = letterOf(event);
    if (acts[letter] && (!event.repeat || "JK".includes(letter))) return acts[letter](), true;
    const at = numberOf(event) || (letter ? "ABCDE".indexOf(letter) + 1 : 0);
    return at ? desk.chooseAt(at - 1) : false;
  }

  function hear(event) {
    const desk = Getu.desk;
    const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]),textarea,select");
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing || Getu.find("#dialog").open) return;
    let done = false;
    if (desk.pinning) done = pinning(event, desk);
    else if (event.key === "Enter") done = !ownEnter(event.target) && !event.repeat && (desk.accept({ same: event.shiftKey }), true);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") done = (desk.stepBy(event.key === "ArrowDown" ? 1 : -1), true);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") done = desk.chooseBy(event.key === "ArrowRight" ? 1 : -1);
    else if (event.key === "Escape") done = desk.back();
    else if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) done = (Getu.showKeys(), true);
    else if (event.key === "/" || event.code === "Slash") done = (Getu.find("#find") && Getu.find("#find").focus(), true);
    else done = decide(event, desk);
    if (done) event.preventDefault();
  }
  Getu.wireKeys = () => document.addEventListener("keydown", hear);
})();
