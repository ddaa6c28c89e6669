/* Getu 格图 · what all parts of the page of plans share: dialogs, toasts, bills, states, dates. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number, money } = Getu;
  const zh = Getu.config.lang === "zh";
  const kit = (Getu.kit = {});
  const may = new Set(Getu.config.rights);
  kit.may = (right) => may.has(right);

  let timer = 0;
  /* A toast with something to do stays eight seconds; a screen reader hears it once. */
  kit.toast = function (words, label, act) {
    const toast = Getu.find("#toast");
    const button = label ? el("button", { type: "button", id: "toast-act", onclick: () => ((toast.hidden = true), act()) }, label) : null;
    toast.classList.add("with-act");
    toast.replaceChildren(...[el("span", {}, words), button].filter(Boolean));
    toast.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => (toast.hidden = true), 8000);
  };

  kit.note = (look, words, more) => el("div.note" + (look ? "." + look : ""), look === "fault" ? { role: "alert" } : {}, icon(look === "ok" ? "check" : look === "warn" || look === "fault" ? "alert" : "info"), el("div", {}, words, ...[more].flat().filter(Boolean)));
  kit.badge = (look, words, sign) => el("span.badge" + (look ? "." + look : ""), {}, sign ? icon(sign) : null, words);
  kit.empty = (title, why, button) => el("div.empty", {}, icon("layers"), el("b", {}, title), why ? el("span", {}, why) : null, button || null);
  kit.bones = () => el("div.bones", {}, el("span"), el("span"), el("span"));
  kit.field = (label, input, hint) => el("label.field", {}, el("span.cap", {}, label), input, hint ? el("span.cap.hint", {}, hint) : null);
  kit.select = (facts, options, value) => el("select.input", facts, options.map(([key, words]) => el("option", { value: key, selected: String(key) === String(value === undefined ? "" : value) }, words)));
  kit.button = (words, act, more) => el("button.btn" + (more && more.look ? "." + more.look : ""), { type: "button", id: more && more.id, title: more && more.title, disabled: more && more.disabled, onclick: act }, more && more.sign ? icon(more.sign) : null, words);

  /* Why a thing was refused: the server's own words, and what stands in the way, as a list. */
  kit.why = function (error) {
    const body = error.body || {};
    const facts = body.facts || body;
    const found = Array.isArray(facts.findings) && facts.findings.length ? el("div.cap", {}, kit.countKinds(facts.findings)) : null;
    const grids = Array.isArray(facts.grids) ? facts.grids.filter((one) => one.reason) : [];
    const list = grids.length ? el("ul.why-list", {}, grids.slice(0, 8).map((one) => el("li", {}, el("b", {}, one.code), " " + (one.name || "") + "：" + (one.reason[zh ? "zh" : "en"] || one.reason)))) : null;
    return kit.note("fault", error.message, [found, list]);
  };
  kit.countKinds = function (findings) {
    const counts = {};
    for (const one of findings) counts[one.kind] = (counts[one.kind] || 0) + 1;
    return kit.tellKinds(counts);
  };
  kit.tellKinds = (counts) => Object.entries(counts || {}).filter(([, n]) => n).map(([kind, n]) => say("fault_" + kind) + " " + number(n)).join("·");

  /* One question, one answer; an error stays in the dialog with its reason. */
  kit.dialog = function (title, body, { go, submit, wide, cancel } = {}) {
    const dialog = Getu.find("#dialog");
    const told = el("div.grow.dialog-told");
    const send = go ? el("button.btn.pri", { type: "submit", id: "dialog-go" }, go) : null;
    const shut = el("button.btn.ghost.icon", { type: "button", "aria-label": say("close"), onclick: () => dialog.close() }, icon("x"));
    const form = el("form", {
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        if (!send || send.disabled) return;
        send.disabled = true;
        told.replaceChildren();
        try {
          if ((await submit()) !== false) dialog.close();
        } catch (error) {
          told.replaceChildren(kit.why(error));
        }
        send.disabled = false;
      },
    }, el("header", {}, el("h2", { id: "dialog-title" }, title), shut), el("div.dialog-body", {}, body), told, el("div.dialog-foot", {}, el("button.btn", { type: "button", onclick: () => dialog.close() }, cancel || say(go ? "cancel" : "close")), send));
    dialog.className = wide ? "wide card" : "card";
    dialog.replaceChildren(form);
    if (!dialog.open) dialog.showModal();
    const first = form.querySelector("input,select,textarea");
    if (first) first.focus();
    return { dialog, told, send };
  };

  /* A busy button: what it does is done once, what goes wrong is told where it was pressed. */
  kit.press = async function (button, act, place) {
    if (button && button.disabled) return;
    if (button) button.disabled = true;
    if (place) place.replaceChildren();
    try {
      await act();
    } catch (error) {
      if (place) place.replaceChildren(kit.why(error));
      else kit.toast(error.message);
    }
    if (button) button.disabled = false;
  };

  /* Dates as written everywhere: 2026-11-21. */
  const two = (n) => String(n).padStart(2, "0");
  kit.day = (date) => date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(date.getDate());
  kit.today = () => kit.day(new Date());
  kit.inDays = (n) => kit.day(new Date(Date.now() + n * 864e5));
  kit.when = (text) => (text ? (String(text).length > 10 ? Getu.when(text) : text) : "—");
  kit.span = (from, to) => (from || to ? (from || "…") + "–" + (to || say("open_end")) : "—");

  kit.hectares = (m2) => (m2 === null || m2 === undefined ? "—" : m2 >= 1e6 ? (m2 / 1e6).toLocaleString("en", { maximumFractionDigits: 2 }) + " " + say("km2") : (m2 / 1e4).toLocaleString("en", { maximumFractionDigits: m2 < 1e4 ? 2 : 1 }) + " " + say("hectares"));
  kit.km2 = (value) => (value === null || value === undefined ? "—" : Number(value).toLocaleString("en", { maximumFractionDigits: 1 }));

  /* The bill: what moves, before anybody agrees. Nothing is "0" that is not told. */
  kit.bill = function (bill, more) {
    const parts = [
      ["bill_grids", more && more.grids, number],
      ["bill_area", bill.area_m2, kit.hectares],
      ["bill_customers", bill.customers, number, bill.existing !== undefined ? say("bill_existing", { n: number(bill.existing), m: number(bill.prospects) }) : ""],
      ["bill_households", bill.households, number],
      ["bill_deposit", bill.deposit_yuan, money],
      ["bill_loan", bill.loan_yuan, money],
      ["bill_managers", bill.managers && new Set(bill.managers.flatMap((one) => [one.from_code || one.from, one.to_code || one.to]).filter(Boolean)).size, number],
      ["bill_letters", bill.letters, number],
    ].filter(([, value]) => value !== undefined && value !== null);
    return el("dl.plan-bill", {}, parts.map(([key, value, tell, detail]) => el("div", {}, el("dt", {}, say(key)), el("dd", { title: String(value) }, tell(value)), detail ? el("dd.d", {}, detail) : null)));
  };
  kit.person = (one) => (one ? (typeof one === "string" ? one : one.name || one.code) : say("nobody"));
  kit.billManagers = function (bill) {
    const moves = bill.managers || [];
    if (!moves.length) return null;
    const rows = moves.map((one) => el("li", {}, el("span", {}, kit.person(one.from) + " → " + kit.person(one.to)), el("b", {}, say("n_customers", { n: number(one.customers) }))));
    return el("details.bill-more", {}, el("summary", {}, say("bill_who", { n: moves.length })), el("ul", {}, rows), bill.key_clients && bill.key_clients.length ? el("p.cap", {}, say("bill_key") + "：" + bill.key_clients.map((one) => (one.name || one) + (one.tier ? "（" + (zh ? one.tier_zh || say("tier_" + one.tier) : one.tier) + "）" : "")).join("、")) : null);
  };

  kit.branchName = (code) => (Getu.config.branches.find((one) => one.code === code) || { name: code || say("no_branch") }).name;
  kit.staffOf = (code) => Getu.config.staff.find((one) => one.code === code);
  kit.staffName = (code) => (kit.staffOf(code) || { name: code || say("nobody") }).name;

  /* Plans, asked for once and again after each act. */
  kit.plans = [];
  kit.loadPlans = async function () {
    kit.plans = (await Getu.ask("/api/v1/plans")).plans;
    return kit.plans;
  };
  kit.inForce = () => kit.plans.find((one) => one.state === "in_force");
  kit.plan = (code) => kit.plans.find((one) => one.code === code);
  kit.planName = (one) => one.code + "·" + one.name;
  kit.planOptions = (plans) => plans.map((one) => [one.code, say("status_" + (one.state || one.status)) + " " + kit.planName(one)]);
  kit.address = (code, more) => "/api/v1/plans/" + encodeURIComponent(code) + (more || "");
})();
