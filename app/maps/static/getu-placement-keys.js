/* Getu 格图 · the desk without a mouse: one key a decision; the letters work under a Chinese input method too. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const NUDGE = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const LIST = [
    [["J", "K", "↓", "↑"], "key_move"],
    [["A–F", "1–6", "←", "→"], "key_choose"],
    [["Enter"], "key_accept"],
    [["Shift", "Enter"], "key_same"],
    [["S"], "key_place"],
    [["P"], "key_pin"],
    [["↑", "↓", "←", "→"], "key_nudge"],
    [["O"], "key_outside"],
    [["U"], "key_unclear"],
    [["L"], "key_later"],
    [["Z"], "key_undo"],
    [["/"], "key_search"],
    [["?"], "key_help"],
  ];

  Getu.showKeys = function () {
    const lines = LIST.flatMap(([keys, words]) => [el("dt", {}, keys.map((one) => el("span.kbd", {}, one))), el("dd", {}, say(words))]);
    Getu.openDialog(say("keys_title"), el("dl.keys-list", {}, lines));
  };

  /* A place by its name: the first that is found is one Enter away. */
  Getu.findPlace = function () {
    const desk = Getu.desk;
    if (!desk.case || !desk.case.kind || desk.pinning || desk.case.state === "decided") return;
    const list = el("ul.place-hits", { "aria-label": say("find_place") });
    const input = el("input.input", { type: "search", id: "find-place", autocomplete: "off", maxlength: "40", placeholder: say("find_place"), "aria-label": say("find_place") });
    let asked = 0;
    const take = (place) => (Getu.find("#dialog").close(), desk.add(place));
    async function look() {
      const mine = ++asked;
      const q = input.value.trim();
      const found = q ? await Getu.ask("/api/v1/placement/places?q=" + encodeURIComponent(q)).catch(() => ({ places: [] })) : { places: [] };
      if (mine !== asked) return;
      const hit = (place) => el("li", {}, el("button.choice", { type: "button", onclick: () => take(place) }, icon("pin"), el("span.ttl", {}, Getu.titleOfChoice(place)), el("span.end.cap", {}, [place.county, place.town].filter(Boolean).join("·"))));
      list.replaceChildren(...(found.places.length || !q ? found.places.map(hit) : [el("li.cap", {}, say("no_such_place"))]));
    }
    let timer = 0;
    input.addEventListener("input", () => (clearTimeout(timer), (timer = setTimeout(look, 200))));
    input.addEventListener("keydown", (event) => {
      const first = list.querySelector("button");
      if (event.key === "Enter" && !event.isComposing && first) event.preventDefault(), first.click();
    });
    Getu.openDialog(say("key_place"), el("div.job-body", {}, input, list));
    input.focus();
  };

  const letterOf = (event) => (/^Key[A-Z]$/.test(event.code) ? event.code[3] : /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : "");
  function numberOf(event) {
    const found = /^(?:Digit|Numpad)([1-6])$/.exec(event.code) || /^([1-6])$/.exec(event.key);
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
    const acts = { J: () => desk.stepBy(1), K: () => desk.stepBy(-1), P: () => desk.pin(), S: () => Getu.findPlace(), O: () => desk.decide({ action: "outside" }), U: () => desk.decide({ action: "unclear" }), L: () => desk.decide({ action: "later" }), Z: () => desk.undo() };
    const letter = letterOf(event);
    if (acts[letter] && (!event.repeat || "JK".includes(letter))) return acts[letter](), true;
    const at = numberOf(event) || (letter ? "ABCDEF".indexOf(letter) + 1 : 0);
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
