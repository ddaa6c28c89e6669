/* Getu 格图 · checking in: of whom or which grid, how, what came of it, where one stands, photographs. */
(function () {
  "use strict";
  const { el, icon, say, find, day } = Getu;
  const KINDS = ["visit", "phone", "follow", "sweep", "talk"];
  const OUTCOMES = ["met", "absent", "refused", "signed"];
  const MOST_PHOTOS = 3;
  let form = null; // {subject, photos: [blob], fix, here, mending}

  function pick(name, values, chosen, change) {
    const one = (value) => el("label", {}, el("input", { type: "radio", name, value, checked: value === chosen, onchange: () => change(value) }), say(name + "_" + value));
    return el("div.day-pick", {}, values.map(one));
  }
  const field = (key, content) => el("fieldset", { id: "f-" + key }, el("legend", {}, say("check_" + key)), content);

  /* Of whom: the one that was chosen, those who are due, one's own grids. */
  function who() {
    const chosen = form.subject;
    const customers = Getu.sortDue();
    const known = chosen && chosen.customer && !customers.some((one) => one.id === chosen.customer.id) ? [chosen.customer, ...customers] : customers;
    const option = (value, words, on) => el("option", { value, selected: on }, words);
    const select = el("select.input", { id: "who", "aria-label": say("check_who") }, option("", say("check_choose"), !chosen),
      known.length ? el("optgroup", { label: say("check_due") }, known.map((one) => option("c" + one.id, [Getu.nameOf(one), one.grid.name].filter(Boolean).join("·"), Boolean(chosen && chosen.customer && chosen.customer.id === one.id)))) : null,
      el("optgroup", { label: say("check_grids") }, (day.facts ? day.facts.grids : []).map((one) => option("g" + one.id, one.name + "·" + one.code, Boolean(chosen && chosen.grid && chosen.grid.id === one.id)))));
    select.addEventListener("change", () => {
      const id = Number(select.value.slice(1));
      form.subject = !select.value ? null : select.value[0] === "c" ? { customer: known.find((one) => one.id === id) } : { grid: day.facts.grids.find((one) => one.id === id) };
      if (form.subject && form.subject.grid) form.kind = ["sweep", "talk"].includes(form.kind) ? form.kind : "sweep";
      outcome();
    });
    return select;
  }
  function outcome() {
    const grid = Boolean(form.subject && form.subject.grid);
    const values = grid ? ["done"] : OUTCOMES;
    if (!values.includes(form.outcome)) form.outcome = grid ? "done" : null;
    const place = find("#f-outcome");
    place.replaceChildren(el("legend", {}, say("check_outcome")), pick("outcome", values, form.outcome, (value) => (form.outcome = value)));
    find("#f-kind").replaceChildren(el("legend", {}, say("check_kind")), pick("kind", KINDS, form.kind, (value) => (form.kind = value)));
    where();
  }

  /* Where: the accuracy, whose ground that is, how far from the customer's point. */
  function where() {
    const place = find("#where");
    if (!place || !form) return;
    const { fix, fault, seeking } = form;
    const grade = fix && Getu.gradeFix(fix);
    const chip = fix ? el("span.badge" + { good: ".ok", fair: ".info", poor: ".warn" }[grade], {}, icon(grade === "poor" ? "alert" : "check"), say("gps_" + grade)) : el("span.badge" + (fault ? ".warn" : ""), {}, icon(fault ? "alert" : "locate"), say(fault ? "gps_none" : "gps_seeking"));
    const told = fix ? el("span", {}, say("gps_fix", { accuracy: Getu.number(Math.round(fix.accuracy)), age: Getu.tellAge(fix) })) : null;
    const again = !fix && !seeking ? el("button.btn.ghost", { type: "button", style: "height:48px", onclick: () => form.here.again() }, icon("locate"), say("gps_again")) : null;
    const lines = fix ? [ground(fix)] : [el("span.cap", {}, [fault ? say(fault).split(/[。；.;]/)[0] : "", say("check_no_fix")].filter(Boolean).join("。"))];
    place.replaceChildren(el("div.row", { style: "flex-wrap:wrap" }, chip, told, again), ...lines);
  }
  function ground(fix) {
    const found = Getu.groundAt(fix);
    const key = found === undefined ? null : !found ? "check_nowhere" : found.grid_id ? "check_inside" : "check_outside";
    const one = form.subject && form.subject.customer;
    const far = one && one.lon !== null && one.lon !== undefined ? say("check_far", { far: Getu.tellFar(Getu.measure(fix, one)) }) : null;
    return el("span" + (key === "check_inside" ? ".cap" : ".sec"), { id: "ground" }, [key && say(key, { grid: found ? found.name : "" }), far].filter(Boolean).join("·"));
  }

  /* Photographs. */
  function photos() {
    const place = find("#photos");
    const shown = form.photos.map((blob, at) => {
      const image = el("img", { src: URL.createObjectURL(blob), alt: say("my_photo", { n: at + 1 }) });
      image.addEventListener("load", () => URL.revokeObjectURL(image.src));
      const drop = el("button.btn.icon", { type: "button", "aria-label": say("check_drop_photo", { n: at + 1 }), onclick: () => (form.photos.splice(at, 1), photos()) }, icon("x"));
      return el("figure", {}, image, drop);
    });
    const input = el("input", { type: "file", accept: "image/*", capture: "environment", id: "photo", "aria-label": say("check_take") });
    input.addEventListener("change", () => take(input));
    const more = form.photos.length < MOST_PHOTOS ? el("label.take", {}, icon("camera"), say("check_take"), input) : null;
    place.replaceChildren(...[...shown, more].filter(Boolean));
  }
  async function take(input) {
    const mine = form;
    const fault = find("#photo-fault");
    fault.replaceChildren();
    for (const file of input.files) {
      try {
        const blob = await Getu.shrinkPhoto(file);
        if (mine.photos.length < MOST_PHOTOS) mine.photos.push(blob);
      } catch (error) {
        fault.replaceChildren(Getu.warn(say(error.message in Getu.config.words ? error.message : "photo_broken")));
      }
    }
    if (mine === form) photos();
  }

  function makeBody() {
    const { subject, kind, fix } = form;
    const place = fix ? { lon: +fix.lon.toFixed(7), lat: +fix.lat.toFixed(7), accuracy_m: Math.min(100000, Math.round(fix.accuracy * 10) / 10) } : {};
    const of = subject.customer ? { customer_id: subject.customer.id } : { grid_id: subject.grid.id };
    return { ...of, kind, outcome: form.outcome, note: find("#note").value.trim(), ...place };
  }
  async function send() {
    const lacks = !form.subject ? "check_missing" : !form.outcome ? "check_missing_outcome" : null;
    if (lacks) {
      find("#form-fault").replaceChildren(Getu.warn(say(lacks)));
      return find(form.subject ? "#f-outcome input" : "#who").focus();
    }
    const mine = form;
    const go = find("#go");
    go.disabled = true;
    go.textContent = say("check_going");
    const { customer, grid } = mine.subject;
    const body = makeBody();
    try {
      const end = mine.mending ? await Getu.visits.mend(mine.mending, body, mine.photos) : await Getu.visits.put(customer ? customer.masked || customer.name : grid.name, body, mine.photos);
      if (end.refused && !mine.mending) mine.mending = (await Getu.visits.list()).find((one) => one.key === end.key);
      mine === form && (end.refused ? refuse(end) : verdict(end, body));
    } catch (error) {
      go.disabled = false;
      go.replaceChildren(icon("check"), say("check_go"));
      find("#form-fault").replaceChildren(Getu.warn(say("wait_storage")));
    }
  }
  function refuse(end) {
    const go = find("#go");
    go.disabled = false;
    go.replaceChildren(icon("check"), say("check_go"));
    find("#form-fault").replaceChildren(el("div.note.warn", { role: "alert" }, icon("alert"), el("div", {}, say("wait_refused", { why: Getu.wordOf(end.refused) }))));
  }
  /* What became of it, told in the form's place; who was met leaves the list at once. */
  function verdict(end, body) {
    const kept = !end.answer;
    if (body.customer_id && body.outcome !== "absent") Getu.strike(body.customer_id);
    const marks = kept ? [] : [end.answer.late && "done_late", end.answer.clock_off_s && "done_clock", end.answer.inside_grid === false && "done_outside"].filter(Boolean);
    stop();
    const subject = form.subject.customer ? Getu.nameOf(form.subject.customer) : form.subject.grid.name;
    const facts = [subject, say("kind_" + body.kind), say("outcome_" + body.outcome), form.photos.length ? say("wait_photos_n", { n: form.photos.length }) : ""].filter(Boolean).join("·");
    const words = el("div.grow", {}, el("h2", { id: "verdict", tabindex: "-1" }, say(kept ? "done_kept" : "done_sent")), el("p.cap", {}, facts), ...marks.map((key) => Getu.warn(say(key), key === "done_clock" ? "" : ".warn")));
    const next = el("button.btn.pri", { type: "button", id: "next", onclick: close }, say("done_next"));
    find("#form").replaceChildren(el("header", {}, el("h2", { id: "form-title", style: "padding-left:12px" }, say("check_in"))), el("div.fields", {}, el("div.pin-verdict" + (kept ? ".kept" : ""), {}, icon(kept ? "clock" : "check"), words)), el("footer.day-buttons", {}, next));
    find("#verdict").focus();
  }

  function stop() {
    if (form && form.here) form.here.stop();
    if (form) form.here = null;
  }
  function close() {
    stop();
    form = null;
    if (find("#form").open) find("#form").close();
    if (!day.kept) Getu.loadDay();
  }
  /* A fresh form, of somebody or a grid or nobody yet; or a refused report to be put right. */
  Getu.openForm = function (subject, options) {
    const { mending, camera } = options || {};
    const body = mending ? mending.body : null;
    form = { subject: subject || null, kind: body ? body.kind : "visit", outcome: body ? body.outcome : null, photos: mending ? mending.photos.map((one) => one.blob) : [], mending: mending || null, fix: body && body.lon !== undefined ? { lon: body.lon, lat: body.lat, accuracy: body.accuracy_m, at: Date.parse(mending.at) } : null };
    const back = el("button.btn.ghost.icon", { type: "button", id: "form-close", "aria-label": say("cancel"), title: say("cancel"), style: "height:48px", onclick: close }, icon("left"));
    const note = el("textarea.input", { id: "note", maxlength: "500", rows: "2", placeholder: say("check_note_hint"), "aria-label": say("check_note") });
    note.value = body ? body.note : "";
    const go = el("button.btn.pri", { type: "button", id: "go", onclick: send }, icon("check"), say("check_go"));
    find("#form").replaceChildren(
      el("header", {}, back, el("h2.grow", { id: "form-title" }, say("check_in"))),
      el("div.fields", {}, el("div", {}, el("label.label", { for: "who" }, say("check_who")), who()), field("kind"), field("outcome"), field("where", el("div.day-where", { id: "where", role: "status" })), el("div", {}, el("label.label", { for: "note" }, say("check_note")), note), field("photos", [el("div.day-photos", { id: "photos" }), el("p.cap", { style: "margin-top:4px" }, say("check_photos_why")), el("div", { id: "photo-fault", role: "alert" })])),
      el("footer.day-buttons", {}, el("div", { id: "form-fault", role: "alert", style: "grid-column:1/-1" }), go)
    );
    outcome();
    photos();
    find("#form").showModal();
    find(subject ? "#f-outcome input" : "#who").focus();
    if (!mending) form.here = Getu.watchHere((state) => form && (Object.assign(form, state), state.fix && (day.fix = state.fix), where()));
    if (camera) find("#photo").click();
  };
  find("#form").addEventListener("cancel", (event) => (event.preventDefault(), close()));
  setInterval(() => form && form.fix && find("#where") && !form.mending && where(), 5000);
})();
