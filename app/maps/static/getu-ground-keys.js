/* Getu 格图 · the ground desk without a mouse; the letters work under a Chinese input method too. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, say } = Getu;
  const READ = [
    [["J", "K"], "g_key_move"],
    [["1–4"], "g_key_choose"],
    [["Enter"], "g_key_apply"],
    [["E"], "g_key_edit"],
    [["Z"], "g_key_undo"],
    [["Ctrl", "Shift", "Z"], "g_key_redo"],
    [["F"], "g_key_fit"],
    [["Q"], "g_key_measure"],
    [["Esc"], "g_key_back"],
    [["?"], "g_key_help"],
  ];
  Getu.showGroundKeys = function () {
    const line = ([keys, words]) => [el("dt", {}, keys.map((one) => el("span.kbd", {}, one))), el("dd", {}, words)];
    const tools = Getu.config.may_divide ? Getu.tools.map((tool) => [[tool.letter], say("g_tool_" + tool.key)]) : [];
    Getu.openDialog(say("g_keys"), el("div", {}, el("dl.keys-list", {}, READ.flatMap(([keys, words]) => line([keys, say(words)]))), tools.length ? el("h3.keys-h", {}, say("g_by_hand")) : null, el("dl.keys-list", {}, tools.flatMap(line))));
  };

  const letterOf = (event) => (/^Key[A-Z]$/.test(event.code) ? event.code[3] : /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : "");
  const numberOf = (event) => Number((/^(?:Digit|Numpad)([1-4])$/.exec(event.code) || /^([1-4])$/.exec(event.key) || [0, 0])[1]);
  const ownEnter = (target) => {
    const control = target.closest("button,a,summary,select,input,textarea");
    return Boolean(control) && !control.matches('.finding[aria-current="true"],[role="radio"][aria-checked="true"]');
  };

  function editing(event) {
    const letter = letterOf(event);
    if (event.key === "Escape") return Getu.editing.escape(), true;
    if (event.key === "Enter") return (event.target.matches("input") || !ownEnter(event.target)) && (Getu.desk.drawing ? Getu.pen.finish() : Getu.editing.land(), true);
    if (event.key === "Backspace" && Getu.desk.drawing) return Getu.pen.stepBack(), true;
    if (letter === "Z") return Getu.pen.begun() ? Getu.pen.stepBack() : Getu.desk.undo(), true;
    const tool = Getu.tools.find((one) => one.letter === letter);
    if (tool) return Getu.editing.choose(tool.key), true;
    return letter === "E" ? (Getu.editing.leave(), true) : false;
  }
  function reading(event) {
    const desk = Getu.desk;
    const letter = letterOf(event);
    const at = numberOf(event);
    if (event.key === "Enter") return !ownEnter(event.target) && !event.repeat && (desk.apply(), true);
    if (event.key === "Escape") return desk.back();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return moveBy(event, desk);
    if (at) return desk.choose(at - 1);
    if (letter === "J" || letter === "K") return desk.stepBy(letter === "J" ? 1 : -1), true;
    if (letter === "E" && (Getu.config.may_plan || Getu.config.may_divide)) return Getu.editing.enter(), true;
    return letter === "Z" && !event.repeat ? (desk.mayUndo() && desk.undo(), true) : false;
  }
  function moveBy(event, desk) {
    const by = event.key === "ArrowDown" ? 1 : -1;
    if (event.target.closest && event.target.closest('[role="radio"]')) return desk.choose(Math.max(0, desk.option + by));
    if (!event.target.closest || !event.target.closest(".finding,body > *")) return false;
    return desk.stepBy(by), true;
  }
  function hear(event) {
    const typing = event.target.closest && event.target.closest("input:not([type=radio]):not([type=checkbox]),textarea,select");
    if (event.isComposing || Getu.find("#dialog").open) return;
    if (typing && event.key !== "Escape" && !(event.key === "Enter" && Getu.desk.mode === "edit" && typing.matches("input"))) return;
    if (typing) typing.blur();
    let done = false;
    if (event.ctrlKey || event.metaKey) {
      const letter = letterOf(event);
      if (letter === "Z") done = (event.shiftKey ? Getu.desk.redoLast() : Getu.pen.begun() ? Getu.pen.stepBack() : Getu.desk.undo(), true);
      else if (letter === "Y") done = (Getu.desk.redoLast(), true);
    } else if (event.altKey) return;
    else if (Getu.measure.on() && (event.key === "Escape" || letterOf(event) === "Q")) done = (Getu.measure.toggle(), true);
    else if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) done = (Getu.showGroundKeys(), true);
    else if (letterOf(event) === "F") done = (Getu.ground.fit(), true);
    else if (letterOf(event) === "Q" && !Getu.pen.busy()) done = (Getu.measure.toggle(), true);
    else done = Getu.desk.mode === "edit" ? editing(event) : reading(event);
    if (done) event.preventDefault();
  }
  Getu.wireGroundKeys = () => document.addEventListener("keydown", hear);
})();
