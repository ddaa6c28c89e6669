/* Getu 格图 · the form that loads an own layer from a file, and takes one away. Brought by its button. */
(function () {
  "use strict";
  const { el, icon, say, number } = window.Getu;
  const COLOURS = ["grey", "brown", "blue", "violet", "teal", "green", "water"];
  const SYSTEMS = { "": "own_crs_auto", gcj02: "GCJ-02", bd09: "BD-09", "EPSG:4490": "CGCS2000" };
  const headers = () => ({ Accept: "application/json", "X-CSRF-Token": Getu.config.csrf });
  const told = (text) => (text || "").split(" / ")[Getu.config.lang === "zh" ? 0 : 1] || text;

  const field = (words, control) => el("label.own-field", {}, el("span", {}, say(words)), control);
  const text = (name, more) => el("input.input", { name, type: "text", autocomplete: "off", ...more });
  const pick = (name, choices) => el("select.input", { name }, choices.map(([value, words]) => el("option", { value }, words)));

  /* What the file brought, or what is asked of the person: rows left out with their reasons. */
  function drawReport(report, form) {
    const lines = [];
    if (report.status === "imported") lines.push(el("p.note.ok", {}, icon("check"), say("own_done", { n: number(report.features) })));
    for (const asked of report.questions) {
      const choices = asked.choices.map((one) => [one.value, Getu.config.lang === "zh" ? one.zh : one.en]);
      lines.push(el("label.own-field", {}, el("span", {}, told(asked.message)), el("select.input", { "data-answer": asked.code }, choices.map(([value, words]) => el("option", { value }, words)))));
    }
    for (const remark of report.warnings) lines.push(el("p.note.warn", {}, icon("alert"), told(remark.message)));
    if (report.left_out) lines.push(el("p.b", {}, say("own_left", { n: number(report.left_out) })));
    const bad = report.rejected.slice(0, 50).map((one) => el("li", {}, (one.row ? say("own_row", { row: one.row }) : "") + told(one.message)));
    if (bad.length) lines.push(el("ul.own-bad", {}, bad));
    form.querySelector(".own-report").replaceChildren(...lines);
  }

  function read(form) {
    const said = Object.fromEntries(["zh", "en", "meaning", "audience", "colour", "class_column", "crs"].map((name) => [name, form.elements[name].value.trim()]).filter(([, value]) => value));
    const why = form.elements.why.value.trim();
    const answers = Object.fromEntries([...form.querySelectorAll("[data-answer]")].map((one) => [one.dataset.answer, one.value]));
    return { ...said, why_zh: why, why_en: why, answers };
  }

  function show(key) {
    const on = (Getu.state.read().on || "").split(",").filter(Boolean);
    Getu.state.write({ on: [...new Set([...on, "own_" + key])].join(",") });
    location.reload();
  }

  async function send(form, dialog) {
    const body = new FormData();
    body.append("options", JSON.stringify(read(form)));
    for (const file of form.elements.file.files) body.append("file", file, file.name);
    const button = form.querySelector(".btn.pri");
    const status = form.querySelector(".own-status");
    button.disabled = true;
    status.textContent = say("own_loading");
    try {
      const report = await Getu.ask("/api/v1/map/own", { method: "POST", headers: headers(), body });
      drawReport(report, form);
      status.textContent = "";
      if (report.status !== "imported") return;
      if (!report.left_out && !report.warnings.length) return show(report.layer.key);
      button.replaceWith(el("button.btn.pri", { type: "button", onclick: () => show(report.layer.key) }, say("own_look")));
    } catch (error) {
      status.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  }

  async function remove(layer, line) {
    if (!window.confirm(say("own_sure", { name: layer.zh }))) return;
    await Getu.ask("/api/v1/map/own/" + layer.key, { method: "DELETE", headers: headers() }).then(() => line.remove(), (error) => Getu.toast(error.message));
    location.reload();
  }

  function drawLayers(layers) {
    return el("ul.own-list", {}, layers.map((layer) => {
      const line = el("li", {}, el("span.grow", {}, Getu.config.lang === "zh" ? layer.zh : layer.en), el("span.cap", {}, number(layer.features)));
      line.append(el("button.link", { type: "button", "aria-label": say("own_remove") + " " + layer.zh, onclick: () => remove(layer, line) }, say("own_remove")));
      return line;
    }));
  }

  Getu.openOwn = async function () {
    await Getu.needWords();
    const dialog = Getu.find("#own");
    const layers = await Getu.ask("/api/v1/map/own").catch(() => []);
    const form = el("form", { method: "dialog" });
    const shut = el("button.btn.ghost.icon", { type: "button", "aria-label": say("close"), onclick: () => dialog.close() }, icon("x"));
    const two = (...fields) => el("div.own-two", {}, fields);
    const file = el("input.input", { name: "file", type: "file", multiple: true, required: true, "aria-describedby": "own-file-why" });
    form.append(
      el("header", {}, el("h2", { id: "own-title", tabindex: "-1" }, say("own_title")), shut),
      el("div.body", {}, layers.length ? drawLayers(layers) : null || "", field("own_file", file), el("p.cap", { id: "own-file-why" }, say("own_file_why")), two(field("own_zh", text("zh", { required: true, maxlength: 40 })), field("own_en", text("en", { required: true, maxlength: 60 }))), field("own_why", text("why", { maxlength: 200 })), two(field("own_meaning", pick("meaning", ["reference", "competitors"].map((one) => [one, say("own_" + one)]))), field("own_audience", pick("audience", ["all", "bank"].map((one) => [one, say("own_" + one)])))), two(field("own_colour", pick("colour", COLOURS.map((one) => [one, say("own_" + one)]))), field("own_crs", pick("crs", Object.entries(SYSTEMS).map(([value, words]) => [value, value ? words : say(words)])))), field("own_class", text("class_column", { maxlength: 100 })), el("div.own-report")),
      el("div.foot", {}, el("span.cap.grow.own-status", { role: "status" }, say("own_again")), el("button.btn", { type: "button", onclick: () => dialog.close() }, say("close")), el("button.btn.pri", {}, say("own_load")))
    );
    form.addEventListener("submit", (e) => (e.preventDefault(), send(form, dialog)));
    dialog.replaceChildren(form);
    dialog.showModal();
    Getu.find("#own-title").focus({ preventScroll: true });
  };
})();
