/* Getu 格图 · the ground desk: what is listed, what is open, taking an option, taking it back. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { say, number } = Getu;
  const config = Getu.config;
  const now = Getu.state.read();
  const desk = (Getu.desk = { base: "/api/v1/plans/" + encodeURIComponent(config.plan.code), kind: now.kind || "", rows0: [], rows: [], at: -1, finding: null, options: null, option: 0, steps: [], redo: [], mode: "read", busy: false, drawing: false, problem: "", plan: null, grids: 0 });
  const kept = new Map();
  let opening = 0;

  /* Asking */
  desk.fetchFinding = function (id) {
    if (!kept.has(id)) {
      const asked = Getu.ask(desk.base + "/findings/" + id).then((one) => {
        const found = one.finding || one;
        const row = desk.rows0.find((known) => known.id === id) || {};
        return { ...row, ...found, geometry: found.geometry || (one.type === "Feature" ? one.geometry : null) };
      });
      kept.set(id, asked);
      asked.catch(() => kept.delete(id));
    }
    return kept.get(id);
  };
  async function loadFindings() {
    const found = await Getu.ask(desk.base + "/findings");
    kept.clear();
    desk.rows0 = found.findings.filter((row) => row.state !== "mended");
    desk.checkedAt = found.checked_at;
    desk.fresh = found.fresh;
    desk.counts = found.counts || {};
    narrow();
    Getu.ground.forgetFaults(new Set(desk.rows0.map((row) => row.id)));
    Getu.ground.drawMarks(desk.rows0);
  }
  function narrow() {
    const rank = { must_fix: 0, confirm: 1, harmless: 2 };
    const order = (row) => (row.state === "allowed" ? 10 : 0) + (row.group === "notice" ? 5 : 0) + rank[row.severity];
    const wanted = (row) => (desk.kind === "notices" ? row.group === "notice" : desk.kind ? row.kind === desk.kind : row.group !== "notice");
    desk.rows = desk.rows0.filter(wanted).sort((a, b) => order(a) - order(b) || (b.area_m2 || 0) - (a.area_m2 || 0));
    desk.at = desk.finding ? desk.rows.findIndex((row) => row.id === desk.finding.id) : -1;
  }
  async function loadPlan() {
    desk.plan = await Getu.ask(desk.base);
    desk.grids = ((desk.plan.counts || {}).grids || {}).total || Getu.grids.size();
  }
  const loadSteps = async () => (desk.steps = (await Getu.ask(desk.base + "/steps?limit=100")).steps || []);
  const quiet = (asked) => asked.catch((error) => (error.status === 403 || error.status === 404 ? null : Getu.toastAct(error.message)));
  desk.redrawLeft = function (keep) {
    Getu.drawPlanHead(desk);
    Getu.drawCertificate(desk);
    Getu.drawChips(desk);
    Getu.drawFindings(desk, keep);
  };
  desk.redraw = () => (desk.mode === "edit" ? Getu.editing.draw() : desk.finding ? Getu.drawFinding(desk) : Getu.drawOverview(desk));
  /* Everything as it stands now; whoever is open stays open, or the one that took his place. */
  desk.reload = async function (how) {
    await Promise.all([loadFindings(), quiet(loadPlan()), quiet(loadSteps())]);
    desk.redrawLeft(true);
    if (desk.mode === "edit") return desk.redraw(), Getu.ground.fetchFaults();
    if (how && how.sketch !== false) await loadSketch();
    const open = desk.finding && desk.rows.find((row) => row.id === desk.finding.id);
    if (open) return desk.open(desk.rows.indexOf(open), { stay: true });
    if (how && how.next !== undefined && desk.rows.length && desk.rows[Math.min(how.next, desk.rows.length - 1)].group !== "notice") return desk.open(Math.min(how.next, desk.rows.length - 1));
    desk.finding = null;
    desk.at = -1;
    Getu.ground.openFinding(null);
    Getu.drawOverview(desk);
    Getu.markFinding(desk);
    Getu.ground.fetchFaults();
  };
  async function loadSketch() {
    Getu.ground.show(await Getu.ask(desk.base + "/sketch"));
    Getu.ground.leaflet().fire("moveend");
  }

  /* Opening */
  const onPhone = () => matchMedia("(max-width:860px)").matches;
  desk.open = async function (at, how) {
    const row = desk.rows[at];
    if (!row) return;
    if (desk.mode === "edit") Getu.editing.leave({ silent: true });
    const mine = ++opening;
    if (how && how.show) {
      Getu.find("#desk").dataset.view = "map";
      Getu.ground.leaflet().invalidateSize({ animate: false, pan: false });
    }
    Object.assign(desk, { at, finding: row, options: null, option: 0, problem: "" });
    Getu.state.write({ finding: row.id });
    Getu.markFinding(desk, how && how.focus);
    delete document.documentElement.dataset.open;
    try {
      const one = await desk.fetchFinding(row.id);
      if (mine !== opening || desk.mode === "edit") return;
      desk.finding = one;
      Getu.ground.openFinding(one, how);
      Getu.drawFinding(desk);
      if (Getu.config.sees_customers && one.group !== "notice") quiet(Getu.ask(desk.base + "/findings/" + row.id + "/points").then((found) => mine === opening && Getu.ground.drawPoints(found.points)));
      await loadOptions(mine);
    } catch (error) {
      if (mine !== opening || desk.mode === "edit") return;
      Object.assign(desk, { problem: error.message, options: [] });
      Getu.drawFinding(desk);
    }
    document.documentElement.dataset.open = String(row.id);
  };
  async function loadOptions(mine) {
    if (Getu.mayMend(desk.finding) !== true || desk.finding.group === "notice" || desk.finding.state === "allowed") desk.options = [];
    else {
      const found = await Getu.ask(desk.base + "/findings/" + desk.finding.id + "/repairs");
      if (mine !== opening) return;
      desk.options = found.options.slice(0, 4);
      desk.versions = found.versions || {};
      desk.option = Math.max(0, desk.options.findIndex((option) => option.recommended));
    }
    if (desk.mode !== "edit") Getu.drawFinding(desk);
  }
  desk.openId = function (id, how) {
    if (!desk.rows.some((row) => row.id === id)) desk.filter((desk.rows0.find((row) => row.id === id) || {}).group === "notice" ? "notices" : "");
    return desk.open(desk.rows.findIndex((row) => row.id === id), how);
  };
  /* A click on the ground opens the finding that lies there. */
  desk.openAt = function (at) {
    const hit = desk.rows0.find((row) => row.bbox && row.group !== "notice" && at.lng >= row.bbox[0] && at.lng <= row.bbox[2] && at.lat >= row.bbox[1] && at.lat <= row.bbox[3]);
    if (hit && (!desk.finding || hit.id !== desk.finding.id)) desk.openId(hit.id, { stay: true });
  };
  desk.stepBy = (by) => desk.rows.length && desk.open(desk.at < 0 ? 0 : Math.max(0, Math.min(desk.rows.length - 1, desk.at + by)), { focus: Boolean(document.activeElement && document.activeElement.closest(".finding")) });
  desk.choose = function (at) {
    if (!desk.options || !desk.options[at]) return false;
    desk.option = at;
    Getu.drawFinding(desk);
    return true;
  };
  desk.filter = function (kind) {
    desk.kind = kind;
    Getu.state.write({ kind });
    narrow();
    Getu.ground.drawMarks(desk.rows0);
    Getu.drawChips(desk);
    Getu.drawFindings(desk);
    Getu.markFinding(desk);
    if (desk.finding && desk.mode !== "edit") Getu.drawFinding(desk);
  };
  desk.back = function () {
    const view = Getu.find("#desk");
    if (view.dataset.view === "map" && onPhone()) return (view.dataset.view = "list"), Getu.markFinding(desk), true;
    if (!desk.finding) return false;
    opening += 1;
    Object.assign(desk, { finding: null, at: -1, options: null });
    Getu.state.write({ finding: "" });
    Getu.ground.openFinding(null);
    Getu.drawOverview(desk);
    Getu.markFinding(desk);
    return true;
  };

  /* Acting */
  async function act(doing, landed) {
    if (desk.busy) return null;
    desk.busy = true;
    desk.redraw();
    try {
      const done = await doing();
      desk.busy = false;
      await landed(done);
      return done;
    } catch (error) {
      desk.busy = false;
      refuse(error);
      return null;
    }
  }
  function refuse(error) {
    const code = (error.body || {}).code;
    if (code === "changed_meanwhile") return Getu.openConflict(error, { again: () => desk.reload(), drop: () => {} });
    desk.problem = desk.finding && code !== "changed_since" ? error.message : "";
    if (!desk.problem) Getu.toastAct(error.message);
    if (["finding_gone", "no_finding"].includes(code)) return desk.reload();
    desk.redraw();
  }
  function tellDone(done) {
    const step = done.step || {};
    Getu.toastAct(Getu.stepTitle(step), say("g_undo"), () => desk.undoStep(step.number));
  }
  async function landed(done, how) {
    desk.redo = how && how.keepRedo ? desk.redo : [];
    Getu.ground.preview([], []);
    Getu.ground.take(done.grids, done.removed);
    await desk.reload({ sketch: false, ...how });
  }
  desk.landed = landed;
  desk.tellDone = tellDone;
  desk.apply = function () {
    const option = desk.options && desk.options[desk.option];
    if (!option || Getu.mayMend(desk.finding) !== true) return null;
    const [id, at] = [desk.finding.id, desk.at];
    return act(
      () => Getu.send(desk.base + "/findings/" + id + "/repairs", { option: option.key, versions: desk.versions }),
      async (done) => (done.step ? tellDone(done) : Getu.toastAct(say("g_allowed_done")), await landed(done, { next: at })),
    );
  };
  desk.allow = () => act(() => Getu.send(desk.base + "/findings/" + desk.finding.id + "/allow"), async () => (Getu.toastAct(say("g_allowed_done")), await desk.reload({ sketch: false, next: desk.at })));
  desk.certify = () => act(() => Getu.send(desk.base + "/certificate"), async () => (Getu.toastAct(say("g_certified_done")), await desk.reload({ sketch: false })));
  desk.recheck = async function () {
    if (desk.checking) return;
    desk.checking = true;
    Getu.drawListFoot(desk);
    try {
      const job = await Getu.send(desk.base + "/check");
      const end = await Getu.follow(job.id, () => {});
      if (end.status !== "done") throw new Error(Getu.problem(end.error, say("job_failed")));
      desk.checking = false;
      await desk.reload();
      Getu.toastAct(say("g_checked_done", { n: number(desk.rows0.filter((row) => row.state === "open" && row.severity !== "harmless").length) }));
    } catch (error) {
      desk.checking = false;
      Getu.drawListFoot(desk);
      Getu.toastAct(error.message);
    }
  };

  /* Taking back: the newest step that still can be, or any one of the record; and forth again. */
  const find = (number) => desk.steps.find((step) => step.number === number);
  /* An undo of an undo does the step again, so it can be taken back like the step itself. */
  const takesBack = (step) => step.act === "undo" && !(find(step.undoes) && takesBack(find(step.undoes)));
  const newest = () => desk.steps.find((step) => step.can_undo && !step.undone && !takesBack(step));
  desk.takesBack = takesBack;
  desk.mayUndo = () => Boolean((config.may_plan || config.may_divide) && newest());
  desk.undoStep = (number, how) =>
    act(
      () => Getu.send(desk.base + "/steps/" + number + "/undo"),
      async (done) => {
        const step = done.step || {};
        if (!how || !how.redo) desk.redo.push(step.number);
        Getu.toastAct(Getu.stepTitle(step), say("g_redo"), () => desk.redoLast(), "Ctrl Shift Z");
        await landed(done, { keepRedo: true });
      },
    );
  desk.undo = function () {
    const step = newest();
    return step ? desk.undoStep(step.number) : Getu.toastAct(say("g_nothing_to_undo"));
  };
  desk.redoLast = function () {
    const number = desk.redo.pop();
    return number ? desk.undoStep(number, { redo: true }) : Getu.toastAct(say("g_nothing_to_redo"));
  };
  desk.undoClean = (number) => act(() => Getu.send(desk.base + "/clean/" + number + "/undo"), async () => (Getu.toastAct(say("g_undone")), await desk.reload()));
  desk.showStep = function (step) {
    const boxes = (step.grid_ids || []).map((id) => Getu.grids.find(id)).filter(Boolean).map((grid) => grid.bbox);
    if (!boxes.length) return Getu.toastAct(say("g_grids_gone"));
    Getu.ground.zoomToBox([Math.min(...boxes.map((b) => b[0])), Math.min(...boxes.map((b) => b[1])), Math.max(...boxes.map((b) => b[2])), Math.max(...boxes.map((b) => b[3]))]);
    if (desk.mode !== "edit") Getu.ground.colour(step.grid_ids.slice(0, 4));
  };

  async function begin() {
    Getu.ground.start();
    Getu.wireGroundKeys();
    try {
      await Promise.all([loadSketch(), quiet(loadPlan()), quiet(loadSteps())]);
      Getu.ground.fit();
      await loadFindings();
      desk.redrawLeft();
      if (desk.rows0.some((row) => String(row.id) === now.finding)) await desk.openId(Number(now.finding));
      else {
        Getu.drawOverview(desk);
        Getu.drawLegend([], null);
        Getu.ground.fetchFaults();
        /* The first that must be mended opens by itself; on a phone the list comes first. */
        if (!onPhone() && !desk.kind && desk.rows.length && desk.rows[0].severity === "must_fix" && desk.rows[0].state === "open" && Getu.mayMend(desk.rows[0]) === true) desk.open(0);
      }
    } catch (error) {
      Getu.find("#findings").replaceChildren(Getu.el("div.empty", { role: "alert" }, Getu.icon("alert"), Getu.el("b", {}, say("failed")), Getu.el("span", {}, error.message), Getu.el("button.btn", { type: "button", onclick: () => location.reload() }, say("retry"))));
      Getu.toastAct(error.message);
    }
    document.documentElement.dataset.ready = "1";
  }
  begin();
})();
