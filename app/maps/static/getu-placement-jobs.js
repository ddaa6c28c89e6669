/* Getu 格图 · what the desk sets going: a file of addresses, a run over the bank, names to approve; toasts that act. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const config = Getu.config;
  const ORDER = ["house", "building", "group", "natural_village", "village", "town", "county", "ambiguous", "none", "point"];

  const close = () => Getu.find("#dialog").close();
  const note = (words) => el("div.note.fault", { role: "alert" }, icon("alert"), el("div", {}, words));

  /* A job from its start to its end, in the dialog; it goes on when the dialog is closed. */
  async function follow(job, title) {
    const shown = Getu.drawProgress(() => Getu.send("/api/v1/jobs/" + job.id + "/cancel").catch((error) => Getu.toastAct(error.message)));
    Getu.openDialog(title, el("div.job-body", {}, shown.card), [el("button.btn", { type: "button", onclick: close }, say("close"))]);
    shown.tell(job);
    const end = await Getu.follow(job.id, shown.tell);
    if (end.status === "done") return end;
    throw new Error(end.status === "cancelled" ? say("job_cancelled") : Getu.problem(end.error, say("job_failed")));
  }
  const failed = (title, error) => Getu.openDialog(title, el("div.job-body", {}, note(error.message)), [el("button.btn", { type: "button", onclick: close }, say("close"))]);

  function counted(title, name, counts) {
    const keys = Object.keys(counts || {}).sort((a, b) => (ORDER.indexOf(a) < 0 ? counts[b] - counts[a] : ORDER.indexOf(a) - ORDER.indexOf(b)));
    if (!keys.length) return null;
    return el("div", {}, el("h3", {}, say(title)), el("ul", {}, keys.map((key) => el("li", {}, config.words[name + key] || key, el("b", {}, number(typeof counts[key] === "object" ? counts[key].rows : counts[key]))))));
  }

  /* Addresses in bulk */
  function askFile() {
    const pick = el("input", { type: "file", id: "batch-file", accept: ".csv,text/csv", class: "unseen", "aria-label": say("batch_file") });
    const chosen = el("span.cap", { role: "status" });
    const go = el("button.btn.pri", { type: "button", id: "batch-go", disabled: true, onclick: () => sendFile(pick.files[0]) }, say("batch_go"));
    pick.addEventListener("change", () => {
      go.disabled = !pick.files.length;
      chosen.textContent = pick.files.length ? pick.files[0].name + "·" + Getu.size(pick.files[0].size) : "";
    });
    const body = el("div.job-body", {}, el("p", {}, say("batch_why")), el("div.row", {}, el("button.btn", { type: "button", onclick: () => pick.click() }, icon("file"), say("batch_file")), chosen, pick));
    Getu.openDialog(say("batch_title"), body, [el("button.btn", { type: "button", onclick: close }, say("cancel")), go]);
  }
  async function sendFile(file) {
    try {
      const form = new FormData();
      form.append("file", file);
      const job = await Getu.ask("/api/v1/geocode/files", { method: "POST", headers: { Accept: "application/json", "X-CSRF-Token": config.csrf }, body: form });
      await follow(job, say("batch_title"));
      const address = "/api/v1/geocode/files/" + job.id;
      showBatch(address, await Getu.ask(address + "/summary"));
    } catch (error) {
      failed(say("batch_title"), error);
    }
  }
  function showBatch(address, summary) {
    const rows = summary.rows === undefined ? summary.total : summary.rows;
    const parts = [counted("by_level", "level_", summary.levels || summary.by_level), counted("by_noise", "noise_", summary.noise || summary.by_noise || summary.noises)].filter(Boolean);
    const body = el("div.job-body", {}, el("div.note.ok", {}, icon("check"), el("div", {}, say("job_done") + (rows === undefined ? "" : "·" + say("batch_rows", { n: number(rows) })))), el("div.sum-pair", {}, parts));
    Getu.openDialog(say("batch_title"), body, [el("button.btn", { type: "button", onclick: close }, say("close")), el("a.btn.pri", { href: address + "/result", download: true, id: "batch-result" }, icon("download"), say("batch_result"))]);
  }

  /* A run over the bank */
  function askRun() {
    const scope = (key, at) => el("label", {}, el("input", { type: "radio", name: "scope", value: key, checked: at === 0 }), say("scope_" + key));
    const body = el("div.job-body", {}, el("p", {}, say("rerun_why")), el("div.job-options", { role: "radiogroup", "aria-label": say("rerun_title") }, ["changed", "open", "all"].map(scope)));
    Getu.openDialog(say("rerun_title"), body, [el("button.btn", { type: "button", onclick: close }, say("cancel")), el("button.btn.pri", { type: "button", id: "rerun-go", onclick: () => run(Getu.find('#dialog input[name="scope"]:checked').value) }, say("rerun_go"))]);
  }
  async function run(scope) {
    try {
      const job = await Getu.send("/api/v1/placement/runs", { scope });
      const end = await follow(job, say("rerun_title"));
      close();
      const written = (end.result || {}).written;
      Getu.toastAct(say("rerun_done") + (written === undefined ? "" : "·" + say("rerun_written", { n: number(written) })));
      await Getu.desk.reload();
    } catch (error) {
      failed(say("rerun_title"), error);
    }
  }

  /* Names that two corrections agree on wait for head office */
  async function loadAliases() {
    const found = await Getu.ask("/api/v1/placement/aliases?state=proposed").catch(() => []);
    const all = Array.isArray(found) ? found : found.aliases;
    const button = Getu.find("#aliases");
    button.hidden = !all.length;
    button.textContent = say("aliases_n", { n: number(all.length) });
    button.onclick = () => showAliases(all);
    return all;
  }
  function showAliases(all) {
    const decide = async (one, approve) => {
      try {
        await Getu.send("/api/v1/placement/aliases/" + one.id, { approve });
        showAliases(await loadAliases());
      } catch (error) {
        Getu.toastAct(error.message);
      }
    };
    const row = (one) => el("li.alias-row", {}, el("span.grow", {}, say("alias_is", { alias: one.alias, place: one.place_name || one.name || one.place_code }), el("span.cap", { style: "display:block" }, say("alias_times", { n: one.corrections }))), el("button.btn", { type: "button", onclick: () => decide(one, false) }, say("reject")), el("button.btn.pri", { type: "button", onclick: () => decide(one, true) }, say("approve")));
    const body = el("div", {}, el("div.job-body", {}, el("p", {}, say("aliases_why"))), all.length ? el("ul", {}, all.map(row)) : el("div.empty", {}, say("no_aliases")));
    Getu.openDialog(say("aliases_title"), body, [el("button.btn", { type: "button", onclick: close }, say("close"))]);
  }

  /* What was decided today, also before the page was loaded anew: each can still be taken back. */
  Getu.showToday = async function () {
    const day = new Date().toDateString();
    const all = await Getu.ask("/api/v1/placement/steps?limit=200").catch((error) => (Getu.toastAct(error.message), []));
    const mine = all.filter((one) => one.user_id === config.user_id && one.action !== "undo" && new Date(one.at).toDateString() === day);
    const batches = [...new Map(mine.map((one) => [one.batch, one])).values()];
    const take = (one) => (close(), Getu.desk.undoBatch(one.batch, one.customer_id));
    function row(one) {
      const many = mine.filter((other) => other.batch === one.batch).length;
      const told = [say("step_" + one.action), say("mine_customer", { id: one.customer_id }), many > 1 ? "×" + many : null].filter(Boolean).join("·");
      const undo = one.undone ? el("span.badge", {}, say("step_undone")) : el("button.btn", { type: "button", onclick: () => take(one) }, icon("undo"), say("undo"));
      return el("li.alias-row", {}, el("span.cap.num", {}, Getu.when(one.at)), el("span.grow", {}, told), undo);
    }
    Getu.openDialog(say("mine_today"), batches.length ? el("ul", { id: "mine" }, batches.map(row)) : el("div.empty", {}, say("mine_none")), [el("button.btn", { type: "button", onclick: close }, say("close"))]);
  };

  Getu.wireJobs = function () {
    const batch = Getu.find("#batch");
    const rerun = Getu.find("#rerun");
    if (batch) batch.addEventListener("click", askFile);
    if (rerun) rerun.addEventListener("click", askRun);
    if (config.may_run) loadAliases();
  };
})();
