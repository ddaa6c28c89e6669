/* Getu 格图 · the page of households at work: one key a decision, each can be taken back. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { say, number } = Getu;
  const API = "/api/v1/households";
  const desk = (Getu.desk = { rows: [], at: -1, next: null, total: 0, one: null, ticked: new Set(), done: [], busy: false, state: "proposed", band: "", q: "" });
  const now = Getu.state.read();
  if (["proposed", "confirmed"].includes(now.state)) desk.state = now.state;
  if (["sure", "likely", "possible"].includes(now.band)) desk.band = now.band;
  desk.q = now.q || "";

  let timer = 0;
  function toast(words, label, act) {
    const place = Getu.find("#toast");
    const button = label ? Getu.el("button", { type: "button", id: "toast-act", onclick: () => ((place.hidden = true), act()) }, label, " ", Getu.el("span.kbd", { "aria-hidden": "true" }, "Z")) : null;
    place.classList.add("with-act");
    place.replaceChildren(...[Getu.el("span", {}, words), button].filter(Boolean));
    place.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => (place.hidden = true), 8000);
  }

  /* What the page shows of the bank */
  async function ask(after) {
    const asked = new URLSearchParams({ state: desk.state, limit: "50", after: String(after || 0) });
    if (desk.band) asked.set("band", desk.band);
    if (desk.q) asked.set("q", desk.q);
    return Getu.ask(API + "?" + asked);
  }
  let turn = 0;
  async function load(keep) {
    const mine = ++turn;
    Getu.find("#rows").setAttribute("aria-busy", "true");
    const page = await ask(0);
    if (mine !== turn) return;
    Object.assign(desk, { rows: page.households, next: page.next, total: page.total });
    const at = keep ? desk.rows.findIndex((one) => one.id === keep) : -1;
    desk.at = at >= 0 ? at : desk.rows.length ? 0 : -1;
    Getu.drawRows(desk);
    await show(false);
  }
  const count = () => Getu.ask(API + "/summary").then(Getu.drawSum);
  desk.more = async function () {
    const page = await ask(desk.next);
    desk.rows.push(...page.households);
    Object.assign(desk, { next: page.next, total: page.total });
    Getu.drawRows(desk);
  };
  desk.filter = function (changes, keep) {
    Object.assign(desk, changes);
    Getu.state.write({ state: desk.state === "proposed" ? "" : desk.state, band: desk.band, q: desk.q, id: "" });
    if (!keep) Getu.drawFilters(desk);
    return load().catch(told);
  };
  const told = (error) => toast(error.message);

  async function show(open) {
    const row = desk.rows[desk.at];
    if (!row) {
      desk.one = null;
      return Getu.clearOne();
    }
    if (open) Getu.find("#homes").dataset.view = "one";
    const one = await Getu.ask(API + "/" + row.id);
    if (desk.rows[desk.at] !== row) return;
    if (!desk.one || desk.one.id !== one.id) desk.ticked.clear();
    desk.one = one;
    Getu.state.write({ id: String(one.id) });
    Getu.drawOne(one, desk);
    if (open && innerWidth <= 860) Getu.find("#one-title").focus();
  }
  desk.open = function (at, open) {
    desk.at = at;
    Getu.markRow(desk);
    return show(open).catch(told);
  };
  desk.stepBy = function (by) {
    const at = Math.min(desk.rows.length - 1, Math.max(0, desk.at + by));
    if (at === desk.rows.length - 1 && desk.next) desk.more().catch(told);
    if (at !== desk.at) desk.open(at, false);
  };
  desk.back = function () {
    Getu.find("#homes").dataset.view = "list";
    Getu.find("#rows").focus();
  };
  desk.tick = function (id) {
    desk.ticked.has(id) ? desk.ticked.delete(id) : desk.ticked.add(id);
    Getu.drawOne(desk.one, desk);
  };

  /* Deciding: what is decided leaves the list, the next one opens */
  async function decide(address, body) {
    if (desk.busy || !desk.one) return null;
    desk.busy = true;
    try {
      return await Getu.send(API + "/" + address, body);
    } catch (error) {
      toast(error.message);
      load(desk.one && desk.one.id).catch(told);
      return null;
    } finally {
      desk.busy = false;
    }
  }
  async function settle(answer, words) {
    desk.done.push({ id: desk.one.id });
    desk.ticked.clear();
    toast(words, say("undo"), () => desk.undo());
    const stays = answer.household && answer.household.state === desk.state;
    if (stays) desk.rows[desk.at] = answer.household;
    else {
      desk.rows.splice(desk.at, 1);
      desk.total -= 1;
      desk.at = Math.min(desk.at, desk.rows.length - 1);
      if (!desk.rows.length) Getu.find("#homes").dataset.view = "list";
    }
    if (!desk.rows.length && desk.next) await load();
    else Getu.drawRows(desk);
    await Promise.all([show(false), count()]);
  }
  desk.confirm = async function () {
    const one = desk.one;
    if (!one || !one.members.some((member) => member.state === "proposed")) return;
    const answer = await decide(one.id + "/confirm", { customer_ids: one.members.map((member) => member.customer_id) });
    if (answer) await settle(answer, say("did_confirm", { name: Getu.nameOf(one) }));
  };
  desk.split = async function () {
    const one = desk.one;
    if (!one) return;
    if (!desk.ticked.size) {
      const first = document.querySelector(".person .tick input");
      if (first) first.focus();
      return toast(say("tick_first"));
    }
    if (desk.ticked.size === one.members.length && !one.hidden) return toast(say("not_all"));
    const n = desk.ticked.size;
    const answer = await decide(one.id + "/split", { customer_ids: [...desk.ticked] });
    if (answer) await settle(answer, answer.household ? say("did_split", { n: number(n) }) : say("ended"));
  };
  desk.mayUndo = (one) => desk.done.length > 0 || one.steps.some((step) => step.action !== "undo" && !step.undone);
  desk.undo = async function () {
    const last = desk.done[desk.done.length - 1];
    const id = last ? last.id : desk.one && desk.one.id;
    if (!id) return toast(say("nothing_to_undo"));
    if (!desk.one) desk.one = { id, members: [], steps: [] };
    const answer = await decide(id + "/undo");
    if (!answer) return;
    desk.done.pop();
    desk.ticked.clear();
    toast(say("did_undo"));
    if (answer.household && answer.household.state !== desk.state) {
      desk.state = answer.household.state;
      Getu.drawFilters(desk);
    }
    await Promise.all([load(id), count()]);
  };
  desk.takePin = async function (offer) {
    let taken = 0;
    try {
      for (const id of offer.customer_ids) {
        const body = { lon: offer.lon, lat: offer.lat, note: say("pin_note"), client_key: "household-" + desk.one.id + "-" + offer.customer_id + "-" + id + "-" + offer.lon + "-" + offer.lat };
        await Getu.send("/api/v1/customers/" + id + "/pin", body);
        taken += 1;
      }
      toast(say("pin_taken", { n: number(taken) }));
    } catch (error) {
      toast(error.message);
    }
    await show(false);
  };

  /* Keys, also under a Chinese input method */
  const letterOf = (event) => (/^Key[A-Z]$/.test(event.code) ? event.code[3] : /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : "");
  const digitOf = (event) => Number((/^(?:Digit|Numpad)([1-9])$/.exec(event.code) || [0, 0])[1]);
  function act(event) {
    const letter = letterOf(event);
    if (letter === "J" || event.key === "ArrowDown") return desk.stepBy(1), true;
    if (letter === "K" || event.key === "ArrowUp") return desk.stepBy(-1), true;
    if (event.repeat) return false;
    if (event.key === "Enter") {
      if (event.target.closest("button,a,summary,input,select")) return false;
      return desk.confirm(), true;
    }
    if (letter === "S") return desk.split(), true;
    if (letter === "Z") return desk.undo(), true;
    if (event.key === "Escape") return desk.back(), true;
    if (event.key === "/") return Getu.find("#find").focus(), true;
    const member = desk.one && desk.one.members[digitOf(event) - 1];
    return member ? (desk.tick(member.customer_id), true) : false;
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]),textarea,select");
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing) return;
    if (act(event)) event.preventDefault();
  });

  /* A run over the bank */
  async function linkAgain() {
    const place = Getu.find("#run");
    const button = Getu.find("#link-again");
    button.disabled = true;
    try {
      const job = await Getu.send(API + "/runs");
      const shown = Getu.drawProgress(() => Getu.send("/api/v1/jobs/" + job.id + "/cancel").catch(told));
      place.replaceChildren(shown.card);
      place.hidden = false;
      shown.tell(job);
      const end = await Getu.follow(job.id, shown.tell);
      if (end.status !== "done") throw new Error(Getu.problem(end.error, say(end.status === "cancelled" ? "job_cancelled" : "job_failed")));
      toast(say("link_done", { n: number(end.result.households), m: number(end.result.members) }));
      await Promise.all([load(), count()]);
    } catch (error) {
      toast(error.message);
    }
    place.hidden = true;
    button.disabled = false;
  }
  const button = Getu.find("#link-again");
  if (button) button.addEventListener("click", linkAgain);

  Getu.drawFilters(desk);
  Promise.all([load(Number(now.id) || 0), count()]).catch(told).then(() => (document.documentElement.dataset.ready = "1"));
})();
