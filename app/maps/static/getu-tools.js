/* Getu 格图 · tools that are brought after the first picture: datums, what may be asked about a place, measuring. */
(function () {
  "use strict";
  const brought = {};
  function bring(name) {
    const address = (Getu.config.tools || {})[name];
    if (!address) return Promise.resolve();
    return (brought[name] = brought[name] || new Promise((done, fail) => document.head.append(Getu.el("script", { src: address, onload: done, onerror: () => (delete brought[name], fail(new Error(Getu.say("failed")))) }))));
  }
  Getu.bringTool = bring;
  let words = null;
  const needWords = () => (words = words || (Getu.config.data ? Promise.resolve() : Getu.ask("/api/v1/map/words/tools?lang=" + Getu.config.lang).then((told) => Object.assign(Getu.config.words, told), (error) => ((words = null), Promise.reject(error)))));
  const load = (...names) => Promise.all([needWords(), ...names.map(bring)]);

  Getu.wireTools = function (map) {
    const button = Getu.find("#measure");
    if (button) button.addEventListener("click", () => load("geodesy", "measure").then(() => Getu.measure.toggle(), (error) => Getu.toast(error.message)));
    const rest = () => load("datum", "place").then(() => (Getu.wireDatum(map), Getu.wirePlace(map)), () => null);
    setTimeout(rest, Getu.config.data ? 0 : 400);
  };
})();
