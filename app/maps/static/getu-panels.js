/* Getu 格图 · the print dialog and the bar's buttons. */
(function () {
  "use strict";
  const { say } = window.Getu;

  function wirePrint() {
    const dialog = Getu.find("#print");
    if (!dialog) return;
    Getu.find("#open-print").addEventListener("click", async () => {
      await Getu.needPeople().catch((error) => Getu.toast(error.message));
      const chosen = Getu.find("#branch").value;
      for (const option of dialog.querySelectorAll("[data-id]")) if (option.dataset.id === chosen) option.selected = true;
      dialog.showModal();
    });
    Getu.find("#close-print").addEventListener("click", () => dialog.close());
    dialog.addEventListener("submit", () => dialog.close());
  }

  /* The form of own layers comes when it is asked for. */
  function wireOwn() {
    const button = Getu.find("#open-own");
    if (button) button.addEventListener("click", () => Getu.bringTool("own").then(() => Getu.openOwn()).catch((error) => Getu.toast(error.message || say("failed"))));
  }

  function wireBar() {
    const share = Getu.find("#share");
    if (!share) return;
    share.addEventListener("click", async () => {
      Getu.state.write({ sight: Getu.config.sight });
      await navigator.clipboard.writeText(location.href).catch(() => null);
      Getu.toast(say("shared"));
    });
    const lang = Getu.find("#lang");
    lang.addEventListener("click", () => (lang.href = lang.getAttribute("href").split("#")[0] + location.hash));
    Getu.find("#sign-out").addEventListener("click", async () => {
      await Getu.ask("/api/v1/session", { method: "DELETE", headers: { "X-CSRF-Token": Getu.config.csrf } }).catch((error) => Getu.toast(error.message));
      location.assign("/login");
    });
  }

  Getu.wirePanels = function (map, painter, choose, state) {
    const openCard = Getu.wireCards(map, painter, state);
    Getu.wireSearch(map, openCard, choose);
    Getu.wireBase(painter, Getu.config, state);
    Getu.wireTools(map);
    wirePrint();
    wireOwn();
    wireBar();
  };
})();
