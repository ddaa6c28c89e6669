/* Getu 格图 · the page of responsibility at work: its tabs, and what a click on the map means on each. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, say } = Getu;
  const TABS = ["lights", "targets", "contacts", "rules", "problems"];
  const place = Getu.find("#scheme-list");
  let now = "";

  Getu.schemeTold = (error) => (Getu.toast(error.message), null);
  Getu.tellGrid = (facts) => [facts.name, facts.branch, facts.manager || say("nobody")].filter(Boolean).join(" · ");

  function drawTabs() {
    Getu.find("#tabs").replaceChildren(...TABS.map((key) => el("button", { type: "button", role: "tab", id: "tab-" + key, "aria-selected": String(key === now), "aria-controls": "scheme-list", tabindex: key === now ? "0" : "-1", onclick: () => show(key) }, say("tab_" + key))));
  }
  async function show(key) {
    now = key;
    history.replaceState(null, "", key === "lights" ? location.pathname + location.search : "#" + key);
    drawTabs();
    place.setAttribute("aria-busy", "true");
    place.setAttribute("aria-label", say("list_of", { what: say("tab_" + key) }));
    Getu.schemeMap.pins([], () => null);
    Getu.schemeMap.choose(null);
    await Getu.schemeTabs[key](place).catch(Getu.schemeTold);
    if (now === key) place.setAttribute("aria-busy", "false");
  }

  Getu.find("#tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    show(TABS[(TABS.indexOf(now) + step + TABS.length) % TABS.length]);
    Getu.find("#tab-" + now).focus();
  });
  Getu.schemeMap.pick((facts, at) => {
    if (now === "lights") Getu.schemeTabs.lightsPick(facts, place);
    else if (now === "problems") Getu.schemeTabs.problemsPick(facts, at);
    else Getu.schemeMap.choose(facts.code, false);
  });

  Getu.schemeMap.start();
  Getu.schemeMap
    .load()
    .then(() => show(TABS.includes(location.hash.slice(1)) ? location.hash.slice(1) : "lights"))
    .catch(Getu.schemeTold)
    .then(() => document.documentElement.setAttribute("data-ready", ""));
})();
