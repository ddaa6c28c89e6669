/* Getu 格图 · the base map: one of the bank's own under the ground, chosen in the panel, kept in the address. */
(function () {
  "use strict";
  const { say } = window.Getu;
  /* How strong the colours of grids stay over a picture: managers are still told apart, roads still read. */
  Getu.VEIL = 0.45;
  let shown = null;

  function tell(fault) {
    const line = Getu.find("#base-legend");
    const credit = Getu.find("#base-credit");
    line.hidden = !shown;
    line.textContent = !shown ? "" : fault ? say("base_away") : say("base_is", { name: Getu.find("#base").selectedOptions[0].textContent }) + "·" + say("base_" + shown.datum);
    credit.textContent = (shown && shown.attribution) || "";
    credit.hidden = !credit.textContent;
  }
  Getu.baseFailed = async function (address) {
    if (!shown || !String(address).includes("/base/" + shown.key + "/")) return;
    /* an image tells no status: a place without a picture is no fault */
    const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok) tell(true);
  };

  Getu.wireBase = function (painter, config, state) {
    const bases = config.bases || [];
    if (!bases.length) return;
    const list = Getu.find("#base");
    function choose(key) {
      shown = bases.find((one) => one.key === key) || null;
      list.value = shown ? shown.key : "";
      tell(false);
      return painter.base(shown);
    }
    list.addEventListener("change", () => {
      choose(list.value);
      Getu.state.write({ base: list.value });
    });
    document.addEventListener("getu:tile", ({ detail }) => detail.source === "base" && tell(true));
    if (state.base) choose(state.base);
  };
})();
