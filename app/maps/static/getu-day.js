/* Getu 格图 · a manager's day: fetched when there is a network, else as this phone kept it; four views, one act. */
(function () {
  "use strict";
  const { find, say, day } = Getu;
  const TABS = ["today", "map", "customers", "me"];
  const away = () => (Getu.dayStore.forget(), location.assign("/login?next=/day"));

  /* What is kept: masked names, no addresses, no phone numbers; under whose name it was fetched. */
  async function keepList() {
    const customers = day.due.customers.map(({ name, ...one }) => one);
    await Getu.dayStore.list.put({ key: Getu.config.login, at: new Date().toISOString(), facts: day.facts, due: { ...day.due, customers }, ground: day.ground }).catch(() => null);
  }
  /* Who was met and waits to be told is not called on again. */
  async function leaveOut(due) {
    const met = (await Getu.visits.list()).filter((one) => one.body.outcome !== "absent").map((one) => one.body.customer_id);
    const customers = due.customers.filter((one) => !met.includes(one.id));
    return { ...due, customers, total: due.total - (due.customers.length - customers.length) };
  }
  async function recall() {
    const kept = await Getu.dayStore.list.get(Getu.config.login).catch(() => null);
    if (!kept) return false;
    Object.assign(day, { facts: kept.facts, due: kept.due, ground: kept.ground, kept: kept.at, failed: null });
    return true;
  }
  async function fetchDay() {
    const options = { credentials: "same-origin", headers: { Accept: "application/json" } };
    const answer = await fetch("/api/v1/day", options);
    if (answer.status === 401) return away();
    if (answer.status === 403) return Getu.dayStore.forget(), location.reload();
    if (!answer.ok) throw new Error(say("failed"));
    if (!Getu.config.csrf && !(await Getu.renewToken())) return location.reload();
    const facts = await answer.json();
    const here = day.by === "distance" && day.fix ? { lon: +day.fix.lon.toFixed(4), lat: +day.fix.lat.toFixed(4) } : {};
    const due = await Getu.post("/api/v1/day/due", here);
    const ground = day.ground && !day.kept ? day.ground : await Getu.ask("/api/v1/placement/ground").catch(() => null);
    Object.assign(day, { facts, due: await leaveOut(due), ground: ground || day.ground, kept: null, failed: null });
    await keepList();
  }
  Getu.loadDay = async function () {
    find("#main").setAttribute("aria-busy", "true");
    try {
      await fetchDay();
    } catch (error) {
      if (error.wait === "wait_signed_out") return away();
      if (!day.facts && !(await recall())) day.failed = navigator.onLine ? error.message : say("wait_offline");
      else if (day.facts && !day.kept) day.kept = new Date().toISOString();
    }
    find("#main").removeAttribute("aria-busy");
    day.changed();
  };
  /* Who was met leaves the list at once, also without a network. */
  Getu.strike = function (id) {
    if (!day.due || !day.due.customers.some((one) => one.id === id)) return;
    day.due = { ...day.due, total: day.due.total - 1, customers: day.due.customers.filter((one) => one.id !== id) };
    if (day.kept) Getu.dayStore.list.get(Getu.config.login).then((kept) => kept && Getu.dayStore.list.put({ ...kept, due: day.due })).catch(() => null);
    else keepList();
    day.changed();
  };

  /* One fix, with leave asked for by the browser the first time. */
  Getu.findMe = () =>
    new Promise((done) => {
      let patience = 0;
      const watch = Getu.watchHere(({ fix, fault }) => {
        if (!fix && !fault) return;
        clearTimeout(patience);
        setTimeout(() => watch && watch.stop());
        Object.assign(day, fix ? { fix, fault: null } : { fault });
        done(fix || null);
        day.changed();
      });
    });
  Getu.chooseOrder = async function (by) {
    day.by = by;
    day.fault = null;
    day.changed();
    if (by === "distance" && !(await Getu.findMe())) day.by = "grid";
    await Getu.loadDay();
  };

  function show(tab) {
    day.tab = tab;
    find("#app").dataset.tab = tab;
    for (const one of TABS) {
      find(one === "today" ? "#today" : "#" + one + "-tab").hidden = one !== tab;
      const button = find('.day-tabs [data-tab="' + one + '"]');
      one === tab ? button.setAttribute("aria-current", "page") : button.removeAttribute("aria-current");
    }
    find("#act").hidden = tab === "me";
    history.replaceState(null, "", tab === "today" ? "/day" : "/day#" + tab);
    find("#main").scrollTop = 0;
    Getu.drawDayMap();
    Getu.drawCustomers();
    Getu.drawMe();
  }
  document.querySelectorAll(".day-tabs [data-tab]").forEach((button) => button.addEventListener("click", () => show(button.dataset.tab)));
  find("#check-in").addEventListener("click", () => Getu.openForm(null));
  find("#check-photo").addEventListener("click", () => Getu.openForm(null, { camera: true }));

  function connect() {
    const tell = () => (find("#offline").hidden = navigator.onLine);
    window.addEventListener("online", () => (tell(), Getu.loadDay()));
    window.addEventListener("offline", tell);
    tell();
    Getu.visits.tell();
    Getu.visits.flush();
    if ("serviceWorker" in navigator) navigator.serviceWorker.register("/day/worker.js", { scope: "/day" }).catch(() => null);
  }
  async function start() {
    Getu.drawHead();
    Getu.drawToday();
    const leave = navigator.permissions ? await navigator.permissions.query({ name: "geolocation" }).catch(() => null) : null;
    if (leave && leave.state === "granted" && window.isSecureContext) {
      day.by = "distance";
      await Promise.race([Getu.findMe(), new Promise((done) => setTimeout(done, 3000))]);
      if (!day.fix) day.by = "grid";
    }
    await Getu.loadDay();
    document.documentElement.dataset.ready = "1";
  }
  connect();
  const asked = location.hash.slice(1);
  if (TABS.includes(asked)) show(asked);
  start();
})();
