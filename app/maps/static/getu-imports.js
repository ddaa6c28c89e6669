/* Getu 格图 · the list of imports, and a file's way from being dropped to being looked at. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const place = Getu.find("#drop");
  if (!place) return;

  /* Sending, then looking: both are shown where the file was dropped; the end is the import's own page. */
  async function upload(files, options) {
    place.dataset.busy = "1";
    try {
      if (!options.source) return await look(await sendFiles(files, options));
      const send = async (said) => followIntake(await sendFiles(files, said));
      await Getu.takeCustomers(place, options, { send, leave, drop: () => (delete place.dataset.busy, redraw(), list()) });
    } catch (error) {
      fail(error.message);
    }
  }
  async function followIntake(job) {
    const shown = Getu.drawProgress(() => Getu.send("/api/v1/jobs/" + job.id + "/cancel").catch((error) => Getu.toast(error.message)));
    place.replaceChildren(shown.card);
    shown.tell(job);
    const end = await Getu.follow(job.id, shown.tell);
    if (end.status !== "cancelled") return end;
    throw new Error(say("job_cancelled"));
  }
  function sendFiles(files, options) {
    const size = files.reduce((sum, one) => sum + one.file.size, 0);
    const fill = el("i");
    const bar = el("div.bar-t", { role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100", "aria-label": say("uploading") }, fill);
    const told = el("span.cap", { role: "status" }, say("sent_of", { sent: "0 B", size: Getu.size(size) }));
    const name = files.length > 1 ? say("chosen", { n: files.length, size: Getu.size(size) }) : files[0].path;
    const sending = Getu.upload(files, options, (sent, total) => {
      fill.style.width = (100 * sent) / total + "%";
      bar.setAttribute("aria-valuenow", String(Math.round((100 * sent) / total)));
      told.textContent = say("sent_of", { sent: Getu.size(Math.min(sent, size)), size: Getu.size(size) });
    });
    const stop = el("button.btn", { type: "button", onclick: () => sending.stop() }, say("cancel"));
    place.replaceChildren(el("div.sending", {}, el("div.between", {}, el("b.file-name", { title: name }, name), told), bar, el("div.row", {}, el("span.cap.grow", {}, say("uploading")), stop)));
    return sending.done;
  }

  /* Whoever comes back here by the browser's own button finds the list, not the job that is over. */
  function leave(address) {
    Getu.state.write({ job: "" });
    location.assign(address);
  }
  async function look(job) {
    Getu.state.write({ job: String(job.id) });
    const shown = Getu.drawProgress(() => Getu.send("/api/v1/jobs/" + job.id + "/cancel").catch((error) => Getu.toast(error.message)));
    place.replaceChildren(shown.card);
    shown.tell(job);
    // Once reading has begun the import has a page of its own; a file that is in already leads to the import that stands.
    const end = await Getu.follow(job.id, (now) => {
      shown.tell(now);
      if (now.import_id && now.status === "running" && now.stage) leave("/imports/" + now.import_id);
    });
    const stands = end.result && end.result.import_id;
    if (stands && stands !== end.import_id) return leave("/imports/" + stands + "#same=1");
    if (stands || end.import_id) return leave("/imports/" + (stands || end.import_id));
    fail(end.status === "cancelled" ? say("job_cancelled") : Getu.problem(end.error, say("job_failed")));
  }

  /* What went wrong stays on the page, above a drop zone that still holds the files. */
  function fail(text) {
    delete place.dataset.busy;
    Getu.state.write({ job: "" });
    redraw();
    place.prepend(el("div.note.fault", { role: "alert" }, icon("alert"), el("div", {}, text)));
    list();
  }

  function row(run) {
    const report = run.report || {};
    const counted = ["checked", "imported", "undone"].includes(run.status);
    const shapes = !counted ? null : report.features !== undefined ? report.features : report.imported !== undefined ? report.imported : report.kept;
    const lost = report.rows_left_out || 0;
    const kind = run.kind === "boundaries" ? Getu.config.kinds[(run.options || {}).kind] || say("kind_boundaries") : say("kind_" + run.kind);
    const link = el("a.file-name", { href: "/imports/" + run.id, title: run.file_name }, run.file_name || "—");
    return el("tr", {}, el("td.c-file", {}, link), el("td.c-kind", {}, kind), el("td.c-state", {}, Getu.drawState(run.status, run.kind)), el("td.num.c-rows", {}, number(shapes), lost ? el("span.cap", {}, " −" + number(lost)) : null), el("td.num.c-when", { title: run.created_at }, Getu.when(run.created_at)), el("td.c-who", {}, run.created_by || "—"));
  }

  async function list() {
    const past = Getu.find("#past");
    try {
      const runs = await Getu.ask("/api/v1/imports");
      const rows = Array.isArray(runs) ? runs : runs.imports;
      past.replaceChildren(rows.length ? table(rows) : empty());
      Getu.find("#past-count").textContent = rows.length ? say("past_count", { n: rows.length }) : "";
      if (rows.some((run) => run.status === "running")) setTimeout(list, 3000);
    } catch (error) {
      past.replaceChildren(el("div.empty", { role: "alert" }, icon("alert"), el("b", {}, say("failed")), el("span", {}, error.message), el("button.btn", { type: "button", onclick: list }, say("retry"))));
    } finally {
      past.removeAttribute("aria-busy");
      document.documentElement.dataset.ready = "1";
    }
  }
  function table(rows) {
    const heads = [["file", ".c-file"], ["file_kind", ".c-kind"], ["state", ".c-state"], ["rows", ".num.c-rows"], ["when", ".num.c-when"], ["by_whom", ".c-who"]];
    const head = el("tr", {}, heads.map(([key, look]) => el("th" + look, { scope: "col" }, say(key))));
    return el("table.runs", {}, el("thead", {}, head), el("tbody", {}, rows.map(row)));
  }
  const empty = () => el("div.empty", {}, icon("file"), el("b", {}, say("no_imports")), el("span", {}, say("no_imports_why")));

  const redraw = Getu.wireDrop(place, upload);
  list();
  const job = Getu.state.read().job;
  if (/^\d+$/.test(job || "")) {
    place.dataset.busy = "1";
    look({ id: Number(job), status: "waiting", stage: "", done: 0, total: 0 }).catch((error) => fail(error.message));
  }
})();
