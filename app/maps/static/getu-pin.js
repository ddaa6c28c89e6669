/* Getu 格图 · pinning on the spot: the list of one's customers, one of them with map and fix, and what waits to be sent. */
(function () {
  "use strict";
  Getu.config = JSON.parse(Getu.find("#config").textContent);
  const { el, icon, say, find } = window.Getu;
  const POOR_M = 100;
  const MOVED_M = 50;
  const NOTE_LENGTH = 200;
  const head = () => ({ "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": Getu.config.csrf || "" });
  const post = (address, body) => Getu.ask(address, { method: "POST", headers: head(), body: JSON.stringify(body) });
  const wording = (problem) => (problem && problem[Getu.config.lang === "zh" ? "detail_zh" : "detail_en"]) || say("failed");

  /* The list ------------------------------------------------------------------------------------- */
  let next = null;
  let turn = 0;
  function badge(one) {
    if (one.doubt) return el("span.badge.warn", {}, say("doubt_" + one.doubt));
    return el("span.badge" + (one.rung >= 1 && one.rung <= 3 ? ".brand-b" : ""), {}, say("rung_" + one.rung));
  }
  const facts = (one) => [say("standing_" + one.standing), one.address || (one.grid && one.grid.name) || say("no_grid")].join("·");
  function row(one) {
    const words = el("span", { style: "min-width:0" }, el("span.t", {}, el("b", {}, one.name), badge(one)), el("span.cap", {}, facts(one)));
    return el("li", {}, el("button.pin-row", { type: "button", "data-customer": String(one.id), onclick: () => open(one.id) }, el("span.avatar", { "aria-hidden": "true" }, one.name.slice(0, 1)), words, icon("right")));
  }
  async function list(more) {
    const place = find("#customers");
    const mine = ++turn;
    const q = find("#q").value.trim();
    if (!more) place.replaceChildren(...[1, 2, 3, 4].map(() => el("li.pin-bone", {})));
    place.setAttribute("aria-busy", "true");
    find("#more").disabled = true;
    try {
      const page = await Getu.ask("/api/v1/placement/mine?q=" + encodeURIComponent(q) + (more ? "&after=" + next : ""));
      if (mine !== turn) return;
      if (!more) place.replaceChildren();
      place.append(...page.customers.map(row));
      next = page.next;
      if (page.counts) find("#counts").textContent = tellCounts(page.counts);
      if (!place.children.length) place.append(el("li", {}, el("div.empty", {}, icon("search"), el("b", {}, say(q ? "pin_none_found" : "pin_none")))));
    } catch (error) {
      if (mine === turn && !more) place.replaceChildren(el("li", {}, el("div.empty", { role: "alert" }, icon("alert"), el("b", {}, say("failed")), el("span", {}, navigator.onLine ? error.message : say("wait_offline")), el("button.btn.lg", { type: "button", onclick: () => list() }, say("retry")))));
      if (mine === turn && more) Getu.toast(say("failed"));
    }
    if (mine !== turn) return;
    place.removeAttribute("aria-busy");
    find("#more").hidden = !next;
    find("#more").disabled = false;
  }
  const tellCounts = (counts) => say("pin_open_of", { n: Getu.number(counts.doubtful + counts.unpointed), of: Getu.number(counts.total) }) + "·" + say("pin_order");

  /* One customer --------------------------------------------------------------------------------- */
  let board = null; // the map, drawn once
  let here = null; // the watch
  let one = null; // {customer, fix, fault, seeking, by: "gps" | "hand" | null, note}
  const ground = Getu.ask("/api/v1/placement/ground").catch(() => ({ type: "FeatureCollection", features: [] }));

  async function open(id) {
    let customer;
    try {
      customer = await Getu.ask("/api/v1/placement/mine/" + id);
    } catch (error) {
      if (one) close();
      return Getu.toast(navigator.onLine ? error.message : say("wait_offline"));
    }
    show("one");
    history.replaceState(null, "", "/pin?customer=" + id);
    board = board || Getu.drawPinMap(await ground, () => ((one.by = "hand"), draw()));
    board.forget();
    one = { customer, fix: null, fault: null, seeking: true, by: null, note: "" };
    lay();
    board.show(startOf(customer), customer.lon !== null ? 16 : 14);
    if (here) here.stop();
    here = Getu.watchHere(hear);
  }
  function startOf(customer) {
    if (customer.lon !== null) return { lon: customer.lon, lat: customer.lat };
    if (customer.grid_lon !== null) return { lon: customer.grid_lon, lat: customer.grid_lat };
    return board.middle;
  }
  function hear(state) {
    if (!one || one.done) return;
    const first = !one.fix && state.fix;
    Object.assign(one, state);
    if (one.fix) board.setFix(one.fix);
    if (one.fix && one.by !== "hand") {
      one.by = "gps";
      board.setPin(one.fix);
    }
    if (first) board.show(one.fix, 17);
    draw();
  }
  function close() {
    if (here) here.stop();
    here = one = null;
    show("list");
    history.replaceState(null, "", "/pin");
    list();
  }
  function show(view) {
    find("#app").dataset.view = view;
    find("#list").hidden = view !== "list";
    find("#one").hidden = view !== "one";
    const back = find("#back");
    back.setAttribute("aria-label", say(view === "list" ? "map" : "pin_back"));
    back.title = back.getAttribute("aria-label");
  }

  /* The sheet is laid once a customer, so that what is being typed stays; its facts are drawn again and again. */
  function lay() {
    const { customer } = one;
    const reveal = el("button.btn", { type: "button", id: "reveal", title: say("pin_reveal_why") }, icon("eye"), say("pin_reveal"));
    const title = el("div.grow", {}, el("h2", { id: "who" }, customer.name), el("span.cap", { id: "where" }, facts(customer)), el("span.cap", {}, say("pin_now", { rung: customer.doubt ? say("doubt_" + customer.doubt) : say("rung_" + customer.rung) })));
    reveal.addEventListener("click", () => unmask(reveal));
    const note = el("input.input.pin-note", { id: "note", type: "text", maxlength: String(NOTE_LENGTH - 40), placeholder: say("pin_note_hint"), "aria-label": say("pin_note"), autocomplete: "off" });
    const go = el("button.btn.pri", { type: "button", id: "go" });
    go.addEventListener("click", decide);
    const again = el("button.btn.ghost", { type: "button", id: "again", hidden: true, onclick: () => here.again() }, icon("locate"), say("gps_again"));
    const gps = el("div.pin-gps", {}, el("div.row.grow", { id: "gps" }), again, el("span.unseen", { id: "gps-grade", role: "status" }));
    find("#sheet").replaceChildren(el("div.pin-who", {}, title, reveal), gps, el("div.pin-why", { id: "gps-why", role: "status" }), note, go);
    draw();
  }
  async function unmask(button) {
    button.disabled = true;
    try {
      const clear = await post("/api/v1/customers/" + one.customer.id + "/reveal", { reason: say("pin_here") });
      find("#who").textContent = clear.name;
      find("#where").textContent = clear.address || "—";
      button.remove();
    } catch (error) {
      button.disabled = false;
      Getu.toast(error.message);
    }
  }
  function draw() {
    if (!one || one.done || !find("#go")) return;
    const { fix, fault, seeking, by } = one;
    const grade = fix && Getu.gradeFix(fix);
    const chip = fix ? el("span.badge" + { good: ".ok", fair: ".info", poor: ".warn" }[grade], {}, icon(grade === "poor" ? "alert" : "check"), say("gps_" + grade)) : el("span.badge" + (fault ? ".warn" : ""), {}, icon(fault ? "alert" : "locate"), say(fault && !(seeking && fault === "gps_timeout") ? "gps_none" : "gps_seeking"));
    const told = fix ? el("span", {}, say("gps_fix", { accuracy: Getu.number(Math.round(fix.accuracy)), age: Getu.tellAge(fix) })) : null;
    const why = grade === "poor" ? "gps_poor_why" : fix ? null : fault;
    put("#gps", [chip, told]);
    put("#gps-grade", [chip.textContent]);
    put("#gps-why", [one.refusal ? el("div.note.fault", { role: "alert" }, icon("alert"), el("div", {}, one.refusal)) : null, why ? warn(why) : null, board.pin() ? el("div.cap", { id: "ground" }, [tellGround(board.pin()), by === "hand" ? tellHand() : ""].filter(Boolean).join("·")) : null]);
    find("#again").hidden = seeking && !fault;
    const go = find("#go");
    go.disabled = !board.pin() || one.sending;
    go.replaceChildren(icon("locate"), say(one.sending ? "pin_sending" : board.pin() ? "pin_go" : "pin_put_first"));
  }
  const warn = (key) => el("div.note.warn", {}, icon("info"), el("div", {}, say(key)));
  function tellGround(point) {
    const found = board.ground(point);
    if (!found) return say("pin_ground_none");
    return say(found.grid_id ? "pin_ground_mine" : "pin_ground_other", { name: found.name });
  }
  const tellHand = () => (one.fix ? say("pin_from_me", { far: Getu.distance(board.far(one.fix)) }) : say("pin_by_hand"));
  /* Written only when it says something else: a live region is read out each time it is written. */
  function put(selector, children) {
    const place = find(selector);
    const made = el("div", {}, children);
    if (made.textContent === place.textContent) return;
    place.replaceChildren(...made.childNodes);
  }

  /* The decision --------------------------------------------------------------------------------- */
  function ask(title, why, buttons) {
    const dialog = find("#ask");
    return new Promise((done) => {
      const choose = (value) => () => (dialog.close(), done(value));
      const row = buttons.map(([key, value, look]) => el("button.btn" + (look || ""), { type: "button", onclick: choose(value) }, say(key)));
      dialog.replaceChildren(el("div.body", {}, el("h2", { id: "ask-title" }, title), why ? el("p", {}, why) : null, el("div.row", {}, row)));
      dialog.oncancel = () => done(false);
      dialog.showModal();
    });
  }
  function makeBody() {
    const { fix, by } = one;
    const point = board.pin();
    const far = board.far(fix);
    const typed = find("#note").value.trim();
    const moved = by === "hand" && fix && far > MOVED_M ? say("pin_moved_note", { far: Getu.distance(far) }) : "";
    const note = [moved, typed].filter(Boolean).join("；").slice(0, NOTE_LENGTH);
    return { lon: +point.lon.toFixed(7), lat: +point.lat.toFixed(7), accuracy_m: fix ? Math.round(fix.accuracy * 10) / 10 : null, datum: "wgs84", note: note || null };
  }
  async function decide() {
    const mine = one;
    const { fix } = mine;
    if (fix && fix.accuracy > POOR_M) {
      const sure = await ask(say("poor_title", { accuracy: Getu.number(Math.round(fix.accuracy)) }), say("poor_why"), [["poor_wait", false], ["poor_use", true, ".pri"]]);
      if (!sure) return;
    }
    Object.assign(mine, { sending: true, refusal: null });
    draw();
    let end;
    try {
      end = await Getu.pins.put(mine.customer, makeBody());
    } catch (error) {
      mine.sending = false;
      draw();
      return Getu.toast(say("wait_full"));
    }
    if (mine === one) await finish(end);
  }
  async function finish(end) {
    if (end.refused && end.refused.code === "confirm_outside") {
      const sure = await ask(say("outside_title"), wording(end.refused), [["cancel", false], ["outside_use", true, ".pri"]]);
      if (sure) return finish(await Getu.pins.retry(end.key, { confirm_outside: true }));
    }
    one.sending = false;
    if (end.refused) {
      Getu.pins.remove(end.key);
      one.refusal = wording(end.refused);
      return draw();
    }
    one.done = end;
    if (here) here.stop();
    verdict(end);
  }
  function tellGrid(answer) {
    if (!answer.grid) return say("pin_done_none");
    const from = answer.moved_from && (answer.moved_from.name || answer.moved_from);
    return from ? say("pin_done_moved", { grid: answer.grid.name, from }) : say("pin_done_in", { grid: answer.grid.name });
  }
  function verdict(end) {
    const kept = !end.answer;
    const words = kept ? say("pin_kept") : tellGrid(end.answer);
    const undo = el("button.btn", { type: "button", id: "undo" }, icon("undo"), say("pin_undo"));
    const on = el("button.btn.pri", { type: "button", id: "next", onclick: close }, say("pin_next"));
    undo.addEventListener("click", () => takeBack(undo, end));
    const text = el("div.grow", {}, el("h2", { tabindex: "-1", id: "verdict" }, kept ? words : say("pin_done")), el("span.cap", {}, [one.customer.name, kept ? "" : words].filter(Boolean).join("·")));
    find("#sheet").replaceChildren(el("div.pin-verdict" + (kept ? ".kept" : ""), {}, icon(kept ? "clock" : "check"), text), el("div.twin", {}, undo, on));
    find("#verdict").focus();
  }
  async function takeBack(button, end) {
    button.disabled = true;
    const waiting = Getu.pins.list().some((pin) => pin.body.client_key === end.key);
    try {
      if (waiting) Getu.pins.remove(end.key);
      else await post("/api/v1/placement/undo", { batch: (end.answer || Getu.pins.sent.get(end.key)).batch });
      await open(one.customer.id);
      Getu.toast(say("pin_undone"));
    } catch (error) {
      button.disabled = false;
      Getu.toast(navigator.onLine ? error.message : say("pin_undo_lost"));
    }
  }

  /* What waits ----------------------------------------------------------------------------------- */
  function count() {
    const waiting = Getu.pins.list();
    find("#waiting").hidden = !waiting.length;
    find("#waiting").replaceChildren(icon("upload"), say("wait_count", { n: waiting.length }));
    if (find("#queue").open) lines();
    const answer = one && one.done && !one.done.answer && Getu.pins.sent.get(one.done.key);
    if (answer) verdict((one.done = { ...one.done, answer }));
  }
  function lines() {
    const waiting = Getu.pins.list();
    const dialog = find("#queue");
    if (!waiting.length) return dialog.close();
    const rows = waiting.map((pin) => {
      const words = pin.refused ? say("wait_refused", { why: wording(pin.refused) }) : say(pin.why || "wait_offline");
      const drop = el("button.btn", { type: "button" }, say("wait_drop"));
      drop.addEventListener("click", () => (drop.dataset.sure ? Getu.pins.remove(pin.body.client_key) : ((drop.dataset.sure = "1"), (drop.textContent = say("wait_drop_sure")))));
      return el("li.wait-row", {}, el("div.grow", {}, el("b", {}, pin.name), el("div.cap", {}, new Date(pin.at).toLocaleString(Getu.config.lang === "zh" ? "zh-CN" : "en-GB", { dateStyle: "short", timeStyle: "short" })), el("div.cap", {}, words)), drop);
    });
    const go = el("button.btn.pri", { type: "button", onclick: Getu.pins.flush }, icon("upload"), say("wait_send"));
    const out = waiting.some((pin) => pin.why === "wait_signed_out") ? el("a", { href: "/login?next=/pin" }, say("wait_signed_out")) : null;
    dialog.replaceChildren(el("div.body", {}, el("h2", { id: "queue-title" }, say("wait_title")), el("p.cap", {}, say("wait_why")), el("ul", {}, rows), out, el("div.row", {}, el("button.btn", { type: "button", onclick: () => dialog.close() }, say("close")), go)));
  }
  function connect() {
    const tell = () => (find("#offline").hidden = navigator.onLine);
    window.addEventListener("online", tell);
    window.addEventListener("offline", tell);
    tell();
    Getu.pins.listen(count);
    find("#waiting").addEventListener("click", () => (lines(), find("#queue").showModal()));
    count();
    if (Getu.pins.list().length) Getu.pins.flush();
  }

  let soon = 0;
  find("#q").addEventListener("input", () => (clearTimeout(soon), (soon = setTimeout(list, 250))));
  find("#more").addEventListener("click", () => list(true));
  find("#back").addEventListener("click", (event) => {
    if (find("#app").dataset.view === "list") return;
    event.preventDefault();
    close();
  });
  find("#lang").addEventListener("click", () => {
    const more = one ? "&customer=" + one.customer.id : "";
    find("#lang").href = "/pin?lang=" + (Getu.config.lang === "zh" ? "en" : "zh") + more;
  });
  document.querySelectorAll("[data-tool]").forEach((button) =>
    button.addEventListener("click", () => {
      if (button.dataset.tool === "in") board.map.zoomIn(1);
      if (button.dataset.tool === "out") board.map.zoomOut(1);
      if (button.dataset.tool !== "me" || one.done) return;
      here.again();
      if (!one.fix) return;
      one.by = "gps";
      board.setPin(one.fix);
      board.show(one.fix, 17);
      draw();
    })
  );
  setInterval(() => one && one.fix && draw(), 1000);
  connect();
  Promise.all([list(), Getu.config.customer === null ? null : open(Getu.config.customer)]).then(() => (document.documentElement.dataset.ready = "1"));
})();
