/* Getu 格图 · the placement desk: what is listed, what is open, deciding, taking back. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, say, number } = Getu;
  const BASE = "/api/v1/placement/";
  const PAGE = 50;
  const now = Getu.state.read();
  const desk = (Getu.desk = { kind: Getu.caseKinds.includes(now.kind) ? now.kind : "", state: now.state === "later" ? "later" : "open", town: now.town || "", q: now.q || "", step: null, rows: [], total: 0, next: null, today: 0, at: -1, case: null, chosen: "", pinning: null, funnel: null, done: [], busy: false });
  const kept = new Map();
  let opening = 0;
  let listing = 0;

  /* Asking */
  const query = (facts) => Object.entries(facts).filter(([, value]) => value !== "" && value !== null && value !== undefined).map(([key, value]) => key + "=" + encodeURIComponent(value)).join("&");
  function fetchCase(id) {
    if (!kept.has(id)) {
      const asked = Getu.ask(BASE + "cases/" + id);
      kept.set(id, asked);
      asked.catch(() => kept.delete(id));
      if (kept.size > 8) kept.delete(kept.keys().next().value);
    }
    return kept.get(id);
  }
  const fetchPage = (after) => (desk.step ? Getu.ask(BASE + "customers?" + query({ step: desk.step.key, after, limit: PAGE })) : Getu.ask(BASE + "cases?" + query({ kind: desk.kind, state: desk.state, town: desk.town, q: desk.q, after, limit: PAGE })));

  async function loadFunnel() {
    desk.funnel = await Getu.ask(BASE + "funnel");
    const waiting = Getu.caseKinds.reduce((sum, kind) => sum + desk.funnel.open[kind], 0);
    Getu.drawFunnel(desk.funnel, (key, words) => desk.openStep(key, words));
    const notes = [say("data_at", { at: Getu.when(desk.funnel.as_of) }), say("waiting_n", { n: number(waiting) })];
    if (!Getu.config.gazetteer && desk.funnel.imported) notes.unshift(say("no_gazetteer"));
    else if (!Getu.config.plan) notes.unshift(say("no_plan_yet"));
    Getu.find("#as-of").textContent = notes.join("·");
  }
  let soon = 0;
  const countAgain = () => (clearTimeout(soon), (soon = setTimeout(() => loadFunnel().then(() => Getu.drawList(desk)).catch(() => {}), 1200)));

  async function loadList() {
    const mine = ++listing;
    const page = await fetchPage(null);
    if (mine !== listing) return false;
    Object.assign(desk, { rows: desk.step ? page.customers : page.cases, next: page.next, total: page.total === undefined ? desk.step.n : page.total });
    if (page.today !== undefined) desk.today = page.today;
    desk.at = -1;
    Getu.drawList(desk);
    return true;
  }
  const remember = () => Getu.state.write({ kind: desk.kind, state: desk.state === "open" ? "" : desk.state, town: desk.town, q: desk.q });

  /* Opening. On a phone the list comes first: nobody's address is read before his row is touched. */
  const onPhone = () => matchMedia("(max-width:860px)").matches;
  async function open(at, how) {
    desk.leavePin();
    desk.at = Math.max(-1, Math.min(at, desk.rows.length - 1));
    const row = desk.rows[desk.at];
    if (!row) return close();
    if (how && how.show) Getu.find("#place").dataset.view = "case";
    Getu.markRow(desk, how && how.focus);
    if (onPhone() && Getu.find("#place").dataset.view !== "case") return;
    await openId(row.customer_id);
    const ahead = desk.rows[desk.at + 1];
    if (ahead) fetchCase(ahead.customer_id);
    if (desk.next && desk.at > desk.rows.length - 8) desk.more();
  }
  async function openId(id) {
    const mine = ++opening;
    Getu.find("#case").setAttribute("aria-busy", "true");
    desk.case = null; /* a key pressed now decides nobody: not the one before, not the one unseen */
    try {
      const one = await fetchCase(id);
      if (mine !== opening) return;
      desk.case = one;
      desk.chosen = Getu.defaultOf(one);
      Getu.drawCase(one, desk.chosen);
      Getu.caseMap.show(one, desk.chosen);
      document.documentElement.dataset.open = id;
    } catch (error) {
      if (mine !== opening) return;
      desk.case = null;
      Getu.clearCase(error.message);
      if (error.status === 404) dropRow(id);
    }
  }
  function close() {
    opening += 1;
    desk.case = null;
    delete document.documentElement.dataset.open;
    Getu.find("#place").dataset.view = "list";
    Getu.clearCase(desk.rows.length ? say("case_empty") : say("nothing_to_do"));
  }

  /* Deciding */
  function dropRow(id) {
    kept.delete(id);
    const at = desk.rows.findIndex((row) => row.customer_id === id);
    if (at < 0) return null;
    const [row] = desk.rows.splice(at, 1);
    desk.total = Math.max(0, desk.total - 1);
    return { row, at };
  }
  async function goOn(from) {
    Getu.drawList(desk);
    countAgain();
    const typing = document.activeElement && document.activeElement.closest && document.activeElement.closest(".case-row");
    await open(Math.min(from, desk.rows.length - 1), { focus: Boolean(typing) });
    const title = Getu.find("#case-title");
    if (title && !typing) title.focus({ preventScroll: true });
  }
  function tellDone(answer, body, one) {
    const many = Array.isArray(answer.customers) ? answer.customers.length : Number(answer.customers || 1);
    const offer = one.candidates.find((candidate) => candidate.code === body.code);
    const name = body.action === "choose" && offer ? offer.village || offer.name : "";
    const words = say("done_" + body.action + (many > 1 ? "_n" : ""), { name, n: number(many) });
    const grid = answer.grid && body.action !== "later" ? "·" + say("into_grid", { grid: answer.grid.name }) : "";
    Getu.toastAct(words + grid, say("undo"), () => desk.undo());
    return many;
  }
  async function post(one, body) {
    if (body.action === "pin" && !one.kind) return Getu.send("/api/v1/customers/" + one.customer_id + "/pin", { ...body, action: undefined });
    return Getu.send(BASE + "cases/" + one.customer_id + "/decide", body);
  }
  const seen = (list) => ({ kind: list.kind, state: list.state, town: list.town, q: list.q, step: list.step });
  async function decide(facts) {
    const one = desk.case;
    if (!one || desk.busy || (!one.kind && facts.action !== "pin")) return;
    const body = { client_key: crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2) + Date.now(), ...facts };
    desk.busy = true;
    Getu.find("#case").setAttribute("aria-busy", "true");
    try {
      const answer = await post(one, body);
      desk.leavePin();
      const many = tellDone(answer, body, one);
      desk.today += body.action === "later" ? 0 : many;
      desk.done.push({ batch: answer.batch, id: one.customer_id, many, list: seen(desk), row: desk.rows[desk.at], at: desk.at, counted: body.action !== "later" });
      if (many > 1) kept.clear(), await loadList(), await goOn(desk.done[desk.done.length - 1].at);
      else if (desk.step) kept.delete(one.customer_id), await open(desk.at);
      else await goOn((dropRow(one.customer_id) || { at: desk.at }).at);
    } catch (error) {
      await refuse(error, one, body);
    } finally {
      desk.busy = false;
      Getu.find("#case").removeAttribute("aria-busy");
    }
  }
  /* Somebody else was first: it is said who, and the next case opens. Far outside: it is asked once more. */
  async function refuse(error, one, body) {
    if (error.status === 409 || error.status === 404) {
      Getu.toastAct(error.message);
      const gone = dropRow(one.customer_id);
      return gone ? goOn(gone.at) : open(desk.at);
    }
    if (body.action === "pin" && !body.confirm_outside && /outside/.test((error.body && error.body.code) || "")) return askOutside(error, body);
    Getu.toastAct(error.message);
  }
  function askOutside(error, body) {
    const dialog = Getu.openDialog(say("pin"), el("p", {}, error.message || say("pin_outside")), [el("button.btn", { type: "button", onclick: () => dialog.close() }, say("cancel")), el("button.btn.pri", { type: "button", id: "save-anyway", onclick: () => (dialog.close(), decide({ ...body, confirm_outside: true })) }, say("save_anyway"))]);
  }

  /* Taking back: the case stands again where it stood, in the list it stood in. */
  async function undo() {
    const last = desk.done.pop();
    if (!last) return Getu.toastAct(say("nothing_to_undo"));
    if (desk.busy) return desk.done.push(last);
    desk.busy = true;
    try {
      await Getu.send(BASE + "undo", { batch: last.batch });
      kept.delete(last.id);
      desk.today = Math.max(0, desk.today - (last.counted ? last.many : 0));
      const same = JSON.stringify(seen(desk)) === JSON.stringify(last.list);
      if (!same || last.many > 1) Object.assign(desk, last.list), remember(), kept.clear(), await loadList();
      let at = desk.rows.findIndex((row) => row.customer_id === last.id);
      if (at < 0 && last.row) {
        at = Math.min(Math.max(last.at, 0), desk.rows.length);
        desk.rows.splice(at, 0, last.row);
        desk.total += 1;
      }
      Getu.drawList(desk);
      countAgain();
      if (at < 0) await openId(last.id);
      else await open(at, { show: Getu.find("#place").dataset.view === "case" });
      Getu.toastAct(say("undone_toast"));
    } catch (error) {
      Getu.toastAct(error.message);
    } finally {
      desk.busy = false;
    }
  }

  /* A decision of before the page was loaded: the lists are read anew, the customer is opened. */
  async function undoBatch(batch, id) {
    const at = desk.done.findIndex((one) => one.batch === batch);
    if (at >= 0) desk.done.push(...desk.done.splice(at, 1));
    else desk.done.push({ batch, id, many: 2, list: seen(desk), row: null, at: 0, counted: false });
    return undo();
  }

  Object.assign(desk, {
    open,
    undoBatch,
    decide,
    undo,
    stepBy: (by) => open(desk.at < 0 ? 0 : Math.max(0, desk.at + by), { focus: Boolean(document.activeElement && document.activeElement.closest(".case-row")) }),
    choose(letter) {
      if (!desk.case || desk.pinning || !desk.case.candidates.some((one) => one.letter === letter)) return;
      desk.chosen = letter;
      Getu.markChoice(desk.case, letter);
      Getu.caseMap.choose(letter);
    },
    /* A place that the matcher did not offer: pointed at on the map or found by name, it becomes a candidate. */
    async pickCode(code) {
      const one = desk.case;
      if (!one || !one.kind || desk.pinning || one.state === "decided") return;
      const there = one.candidates.find((offer) => offer.act === "choose" && offer.code === code);
      if (there) return desk.choose(there.letter);
      const found = await Getu.ask(BASE + "places?" + query({ code })).catch((error) => (Getu.toastAct(error.message), null));
      if (found && found.places.length && desk.case === one) desk.add(found.places[0]);
    },
    add(place) {
      const one = desk.case;
      const kept = one.candidates.filter((offer) => offer.reason !== "picked").slice(0, 5);
      const same = kept.find((offer) => offer.act === "choose" && offer.code === place.code);
      if (same) return desk.choose(same.letter);
      const letter = "ABCDEF"[kept.length];
      one.candidates = [...kept, { ...place, letter }];
      desk.choose(letter);
    },
    chooseAt(at) {
      const one = desk.case && desk.case.candidates[at];
      if (one) desk.choose(one.letter);
      return Boolean(one);
    },
    chooseBy(by) {
      const all = desk.case ? desk.case.candidates.map((one) => one.letter) : [];
      if (all.length < 2) return false;
      desk.choose(all[(all.indexOf(desk.chosen) + by + all.length) % all.length]);
      return true;
    },
    accept(how) {
      const one = desk.case;
      if (!one || desk.pinning || one.state === "decided") return;
      const same = Boolean(how && how.same);
      if (same && !Getu.find("#do-same")) return;
      const [act] = Getu.primaryOf(one, desk.chosen);
      if (act === "pin") return desk.pin();
      if (act === "outside") return decide({ action: "outside", same });
      const offer = one.candidates.find((candidate) => candidate.letter === desk.chosen);
      if (offer.act === "choose") return decide({ action: "choose", code: offer.code, same });
      if (same) return;
      return decide({ action: "pin", lon: offer.lon, lat: offer.lat, accuracy_m: (one.source_point || {}).accuracy_m });
    },
    pin() {
      if (!desk.case || desk.pinning || desk.busy) return;
      desk.pinning = {};
      Getu.caseMap.startPin((at) => ((desk.pinning = at), Getu.drawPinBar(at)));
    },
    leavePin() {
      if (!desk.pinning) return;
      desk.pinning = null;
      Getu.caseMap.leavePin();
      Getu.drawPinBar(null);
    },
    savePin() {
      const at = Getu.caseMap.where();
      if (at) decide({ action: "pin", lon: Number(at.lng.toFixed(7)), lat: Number(at.lat.toFixed(7)) });
    },
    /* On a phone the case lies over the list; on a desk there is nothing to go back from. */
    back() {
      const place = Getu.find("#place");
      if (place.dataset.view !== "case" || !onPhone()) return false;
      desk.leavePin();
      place.dataset.view = "list";
      Getu.markRow(desk, true);
      return true;
    },
    async filter(changes, how) {
      Object.assign(desk, { step: null }, changes);
      remember();
      Getu.find("#cases").setAttribute("aria-busy", "true");
      if (await loadList().catch(fail)) await open(0, { focus: false });
      if (!(how && how.keep)) Getu.find("#place").dataset.view = "list";
    },
    async more() {
      if (!desk.next || desk.loadingMore) return;
      desk.loadingMore = true;
      const mine = listing;
      try {
        const page = await fetchPage(desk.next);
        if (mine !== listing) return;
        const known = new Set(desk.rows.map((row) => row.customer_id));
        desk.rows.push(...(desk.step ? page.customers : page.cases).filter((row) => !known.has(row.customer_id)));
        desk.next = page.next;
        Getu.drawList(desk);
        Getu.markRow(desk);
      } finally {
        desk.loadingMore = false;
      }
    },
    async openStep(key, words) {
      const n = key.startsWith("rung_") ? desk.funnel.rungs[key.slice(5)] : desk.funnel[key];
      Object.assign(desk, { step: { key, words, n } });
      if (await loadList().catch(fail)) await open(0);
      if (onPhone()) Getu.find("#cases").scrollIntoView();
    },
    leaveStep: () => desk.filter({}),
    reload: async () => (kept.clear(), await loadFunnel(), await desk.filter({})),
  });

  function fail(error) {
    const again = el("button.btn", { type: "button", onclick: () => location.reload() }, say("retry"));
    Getu.find("#cases").replaceChildren(el("div.empty", { role: "alert" }, el("b", {}, say("failed")), el("span", {}, error.message), again));
    Getu.find("#cases").removeAttribute("aria-busy");
    return false;
  }

  async function start() {
    Getu.clearCase(say("loading"));
    Getu.find("#funnel-fold").open = !matchMedia("(max-width:1100px)").matches;
    Getu.wireKeys();
    Getu.wireJobs();
    await loadFunnel();
    if (!desk.kind) desk.kind = Getu.caseKinds.find((kind) => desk.funnel[desk.state][kind]) || Getu.caseKinds[0];
    if (await loadList()) await open(0, { focus: false });
  }
  start()
    .catch(fail)
    .then(() => (document.documentElement.dataset.ready = "yes"));
})();
