/* Getu 格图 · the page of plans: its parts as tabs; a part is read when it is first opened. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { say, number } = Getu;
  const kit = Getu.kit;
  const tabs = Getu.config.tabs;
  const opened = new Set();

  /* What is in force stands at the head of the page. */
  Getu.tellAsOf = function () {
    const now = kit.inForce();
    const drafts = kit.plans.filter((one) => one.status === "draft" || one.status === "checked").length;
    Getu.find("#as-of").textContent = [now ? say("now_in_force", { plan: now.code, from: now.valid_from || "—" }) : say("nothing_in_force"), drafts ? say("n_drafts", { n: number(drafts) }) : ""].filter(Boolean).join("·");
  };

  function mark(tab, focus) {
    for (const key of tabs) {
      const button = Getu.find("#tab-" + key);
      button.setAttribute("aria-selected", String(key === tab));
      button.tabIndex = key === tab ? 0 : -1;
      Getu.find("#part-" + key).hidden = key !== tab;
      if (key === tab && focus) button.focus();
    }
  }
  Getu.openTab = async function (tab, state, focus) {
    const place = Getu.find("#part-" + tab);
    Getu.state.write({ tab: tab === tabs[0] ? "" : tab, ...(state || {}) });
    mark(tab, focus);
    delete document.documentElement.dataset.part;
    try {
      if (!opened.has(tab) || state) await Getu.parts[tab](place, state || {});
      else if (Getu.parts[tab].shown) Getu.parts[tab].shown();
      opened.add(tab);
    } catch (error) {
      place.replaceChildren(kit.why(error), kit.button(say("retry"), () => Getu.openTab(tab, {})));
    }
    place.removeAttribute("aria-busy");
    document.documentElement.dataset.part = tab;
  };

  for (const tab of tabs) {
    const button = Getu.find("#tab-" + tab);
    button.addEventListener("click", () => Getu.openTab(tab));
    button.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      Getu.openTab(tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length], null, true);
    });
  }

  async function start() {
    const asked = Getu.state.read().tab;
    await kit.loadPlans();
    Getu.tellAsOf();
    await Getu.openTab(tabs.includes(asked) ? asked : tabs[0]);
  }
  start()
    .catch((error) => Getu.find("#part-" + tabs[0]).replaceChildren(kit.why(error)))
    .then(() => (document.documentElement.dataset.ready = "1"));
})();
