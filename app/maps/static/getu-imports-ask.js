/* Getu 格图 · what the desk asks of a person: questions as option cards, and the dialogs that overrule a guess. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const config = Getu.config;
  const MANY = 7;
  const SYSTEM = /^(epsg:\d{4,6}|gcj02|bd09|bd09mc|cgcs2000|wgs84|xian1980|beijing1954)([+](gcj02|bd09))?(\/(yx|e6))?$/i;
  const ENCODINGS = ["utf-8", "gbk", "gb18030", "big5"];

  /* What was typed as a system's name: a bare number is an EPSG code; null when it is no name. */
  function readSystem(text) {
    const bare = text.trim().split(/\s/)[0] || "";
    const named = /^\d{4,6}([+/]|$)/.test(bare) ? "EPSG:" + bare : bare;
    if (!SYSTEM.test(named)) return null;
    return named.replace(/^epsg/i, "EPSG").replace(/^(gcj02|bd09|bd09mc|cgcs2000|wgs84)/i, (name) => name.toLowerCase());
  }
  function systemInput(attributes) {
    const list = Getu.find("#systems") || document.body.appendChild(el("datalist", { id: "systems" }, Object.entries(config.systems).map(([code, name]) => el("option", { value: code }, name))));
    return el("input.input", { type: "text", list: list.id, autocomplete: "off", spellcheck: "false", placeholder: say("other_crs_like"), "aria-label": say("other_crs"), ...attributes });
  }

  function card(name, value, told, { checked, change }) {
    const input = el("input", { type: "radio", name, value, checked });
    input.addEventListener("change", change);
    const words = el("span.grow", {}, el("span.b.wrap-any", {}, told.name), told.detail ? el("span.cap.block-line", {}, told.detail) : null);
    return el("label.opt.option", {}, input, el("span.radio"), words, told.more ? el("span.cap.more", {}, told.more) : null);
  }

  /* The free entry below the cards of a question about coordinates. */
  function otherSystem(name, change) {
    const input = el("input", { type: "radio", name, value: "@other" });
    const text = systemInput({});
    const told = el("span.cap.block-line", { role: "status" }, say("other_crs_hint"));
    const check = () => {
      const found = readSystem(text.value);
      told.textContent = !text.value ? say("other_crs_hint") : found ? Getu.longSystem(found) || Getu.shortSystem(found) : say("other_crs_bad");
      told.classList.toggle("fault", Boolean(text.value) && !found);
      text.setAttribute("aria-invalid", String(Boolean(text.value) && !found));
      change();
    };
    input.addEventListener("change", () => (change(), text.focus()));
    text.addEventListener("focus", () => ((input.checked = true), change()));
    text.addEventListener("input", check);
    const node = el("label.opt.option.other", {}, input, el("span.radio"), el("span.grow", {}, el("span.b", {}, say("other_crs")), told), text);
    return { node, read: () => (input.checked ? readSystem(text.value) : undefined) };
  }

  function drawMany(question, report, change) {
    const name = "q-" + question.code;
    const told = el("p.cap", { role: "status" });
    const select = el("select.input", { id: name, "aria-label": Getu.titleOf(question, report) }, el("option", { value: "" }, say("pick_column")), question.options.map((value) => el("option", { value }, [Getu.optionOf(value, question, report).name, Getu.optionOf(value, question, report).more].filter(Boolean).join("·"))));
    select.addEventListener("change", () => ((told.textContent = select.value ? Getu.optionOf(select.value, question, report).more : ""), change()));
    return { node: el("div.col", { style: "gap:8px" }, select, told), read: () => (select.value ? { answer: select.value } : null) };
  }
  function drawFew(question, report, change) {
    const name = "q-" + question.code;
    // What is most likely is chosen beforehand where it is a matter of how sure we are, never where ground is given up.
    const likely = Getu.isCrsQuestion(question) && (report.crs.confidence || 0) >= 0.9 && question.code !== "crs_doubtful" ? question.options[0] : null;
    const cards = question.options.map((value) => card(name, value, Getu.optionOf(value, question, report), { checked: value === likely, change }));
    const other = Getu.takesOtherSystem(question) ? otherSystem(name, change) : null;
    const each = question.code === "repair_changes_area" ? rowByRow(report, name, change) : null;
    const group = el("div.col.options", { role: "radiogroup", "aria-label": Getu.titleOf(question, report) }, cards, other ? other.node : null, each ? each.node : null);
    if (each) group.addEventListener("change", each.show);
    const read = () => {
      const chosen = group.querySelector("input[type=radio]:checked");
      if (!chosen) return null;
      if (chosen.value === "@rows") return { answers: each.read() };
      if (chosen.value !== "@other") return { answer: chosen.value };
      const system = other.read();
      return system ? { system } : null;
    };
    return { node: group, read };
  }

  /* Mends that change an area may be judged row by row: a tick accepts, the others are left out. */
  function rowByRow(report, name, change) {
    const rows = report.repairs.filter((one) => one.question);
    if (rows.length < 2 || rows.length > 50) return null;
    const input = el("input", { type: "radio", name, value: "@rows" });
    const ticks = rows.map((one) => el("input", { type: "checkbox", value: one.row, checked: true }));
    const line = (one, n) => el("label.row-tick", {}, ticks[n], el("span.grow", {}, say("rows_like", { rows: one.row }) + "·" + Getu.half(one.message)), el("span.cap.nowrap", {}, Getu.percent(one.change_percent) + "%"));
    const list = el("div.row-ticks", { hidden: true }, rows.map(line));
    const node = el("div", {}, el("label.opt.option", {}, input, el("span.radio"), el("span.grow", {}, el("span.b", {}, say("option_rows")), el("span.cap.block-line", {}, say("option_rows_why")))), list);
    node.addEventListener("change", change);
    const show = () => (list.hidden = !input.checked);
    const read = () => (input.checked ? Object.fromEntries(ticks.map((tick) => ["repair_changes_area_" + tick.value, tick.checked ? "accept" : "leave_out"])) : null);
    return { node, show, read };
  }

  /* The questions of a report as one card each and one button; send({answers, crs?}) goes on. */
  Getu.drawQuestions = function (report, picture, send) {
    const total = report.questions.length;
    const go = el("button.btn.pri.lg.grow", { type: "submit" }, say("confirm_try"));
    const told = el("span.cap", { role: "status" });
    const parts = report.questions.map((question) => ({ question, ...(question.options.length > MANY ? drawMany : drawFew)(question, report, check) }));
    function check() {
      const open = parts.filter((part) => !part.read()).length;
      go.disabled = open > 0;
      told.textContent = open && total > 1 ? say("answer_all", { n: open }) : "";
    }
    function submit(event) {
      event.preventDefault();
      const body = { answers: {} };
      for (const part of parts) {
        const said = part.read();
        if (said.system) body.crs = said.system;
        else if (said.answers) Object.assign(body.answers, said.answers);
        else body.answers[part.question.code] = said.answer;
      }
      go.disabled = true;
      send(body).catch((error) => (Getu.toast(error.message), (go.disabled = false)));
    }
    const cards = parts.map((part, n) => {
      const { question } = part;
      const pictured = Getu.isCrsQuestion(question) && picture;
      const head = el("header", {}, el("h2", {}, Getu.titleOf(question, report)), el("span.badge.warn", {}, icon("alert"), total > 1 ? say("question_n", { n: n + 1, of: total }) : say("must_answer")));
      return el("section.card.question", {}, head, el("div.body.col", { style: "gap:16px" }, Getu.leadOf(question, report) === Getu.titleOf(question, report) ? null : el("p.sec.lead", {}, Getu.leadOf(question, report)), pictured ? Getu.drawPicture(picture) : null, part.node));
    });
    check();
    const foot = el("div.row.ask-foot", {}, go, el("a.btn.lg", { href: "/imports" }, say("answer_later")), told);
    cards[cards.length - 1].lastChild.append(foot);
    return el("form.col", { style: "gap:16px", onsubmit: submit }, cards);
  };

  function openDialog(title, body, { go, submit }) {
    const dialog = Getu.find("#dialog");
    const close = el("button.btn.ghost.icon", { type: "button", "aria-label": say("close"), onclick: () => dialog.close() }, icon("x"));
    const told = el("p.fault.cap.grow", { role: "alert" });
    const send = el("button.btn.pri", { type: "submit" }, go);
    const form = el("form", {
      onsubmit: async (event) => {
        event.preventDefault();
        send.disabled = true;
        told.textContent = "";
        try {
          await submit();
          dialog.close();
        } catch (error) {
          told.textContent = error.message;
          send.disabled = false;
        }
      },
    }, el("header", {}, el("h2", { id: "dialog-title" }, title), close), el("div.dialog-body", {}, body), el("div.foot", {}, told, el("button.btn", { type: "button", onclick: () => dialog.close() }, say("cancel")), send));
    dialog.replaceChildren(form);
    dialog.showModal();
  }
  Getu.confirm = (title, words, { go, submit }) => openDialog(title, el("p", {}, words), { go, submit });

  /* Which column is which field: every field of a unit, whether guessed or not. */
  Getu.changeFields = function (report, send) {
    const taken = Object.fromEntries(report.columns.filter((one) => one.term).map((one) => [one.term, one.name]));
    const selects = {};
    const rows = Object.entries(config.terms).map(([term, name]) => {
      const cells = el("td.cap.cells");
      const choices = [el("option", { value: "@none" }, say("no_column")), ...report.columns.map((one) => el("option", { value: one.name, selected: taken[term] === one.name }, one.name))];
      if (term === "unit_code") choices.push(el("option", { value: "@row", selected: taken[term] === "@row" }, say("row_number")));
      const select = (selects[term] = el("select.input.small", { name: term, "aria-label": name }, choices));
      const show = () => {
        const column = report.columns.find((one) => one.name === select.value);
        cells.textContent = column ? column.sample.filter(Boolean).slice(0, 3).join(say("and")) : "";
      };
      select.addEventListener("change", show);
      show();
      return el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, select), cells);
    });
    const head = el("tr", {}, [say("term"), say("column"), say("cells")].map((words) => el("th", { scope: "col" }, words)));
    const submit = async () => {
      const changed = Object.entries(selects).filter(([term, select]) => select.value !== (taken[term] || "@none"));
      if (!changed.length) throw new Error(say("no_change_made"));
      await send({ answers: Object.fromEntries(changed.map(([term, select]) => ["field_" + term, select.value])) });
    };
    openDialog(say("change_fields"), el("table.dense.mapping", {}, el("thead", {}, head), el("tbody", {}, rows)), { go: say("try_again_so"), submit });
  };

  /* How the file is read: kind, layer, system, encoding, first day. Only what was changed is sent. */
  Getu.changeOptions = function (run, report, send) {
    const said = run.options || {};
    const pick = (value, choices) => el("select.input", {}, choices.map(([key, words]) => el("option", { value: key, selected: key === (value || "") }, words)));
    const fields = {
      kind: [say("what_is_it"), pick(said.kind || "village", Object.entries(config.kinds))],
      layer: report.layers.length > 1 ? [say("layer"), pick(said.layer, [["", say("as_guessed")], ...report.layers.map((name) => [name, name])])] : null,
      crs: [say("crs"), systemInput({ value: said.crs || "", placeholder: say("as_guessed") })],
      encoding: [say("encoding"), pick(said.encoding, [["", say("as_guessed")], ...ENCODINGS.map((name) => [name, name.toUpperCase()])])],
      valid_from: [say("from_day"), el("input.input", { type: "date", value: said.valid_from || "" })],
    };
    const shown = Object.entries(fields).filter(([, field]) => field);
    const before = Object.fromEntries(shown.map(([key, field]) => [key, field[1].value]));
    const submit = async () => {
      const changed = shown.filter(([key, field]) => field[1].value !== before[key]);
      if (!changed.length) throw new Error(say("no_change_made"));
      const body = Object.fromEntries(changed.map(([key, field]) => [key, field[1].value.trim() || null]));
      if (body.crs && !readSystem(body.crs)) throw new Error(say("other_crs_bad"));
      if (body.crs) body.crs = readSystem(body.crs);
      await send({ answers: {}, ...body });
    };
    openDialog(say("change_options"), el("div.options-form", {}, shown.map(([, [name, input]]) => el("label", {}, el("span.cap", {}, name), input))), { go: say("try_again_so"), submit });
  };
})();
