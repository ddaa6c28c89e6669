/* Getu 格图 · when the line, the session or a right is gone: the page says so, drops what may not stay on it,
   and recovers by itself. A part of every page; it stands before all scripts that ask for something. */
(function () {
  "use strict";
  const bar = document.getElementById("link-bar");
  const ME = "/api/v1/me";
  const LOOK_EVERY_MS = 60000;
  const LOOK_AGAIN_MS = 10000;
  const FIRST_MS = 1000;
  const LONGEST_MS = 30000;
  const RELOAD_MS = 2500;
  const TOLD = "getu-rights-told";
  /* A 503 of one part (too many maps, an import) is that part's to tell; these are the whole line's. */
  const AWAY = ["database_gone", "database_away", "database_busy", undefined];
  const words = JSON.parse(bar.dataset.words);
  const { mark, mode } = bar.dataset;
  const plain = window.fetch.bind(window);
  const never = () => new Promise(() => {});
  const spread = (ms) => ms * (0.75 + Math.random() / 2);
  let sight = null;
  let over = false;
  let asked = 0;
  let tries = 0;
  let timer = 0;
  let checking = null;
  let back = null;
  let goOn = null;

  function tell(kind, text, ms) {
    bar.className = "link-bar " + kind;
    bar.textContent = text;
    if (ms) setTimeout(() => bar.textContent === text && bar.replaceChildren(), ms);
  }

  /* Nothing of the old rights stays: what the page showed is taken away, not covered. */
  function clear(title, why, act, link) {
    over = true;
    clearTimeout(timer);
    document.documentElement.dataset.over = "yes";
    const own = window.Getu || {};
    try {
      if (own.dayStore) own.dayStore.forget();
      if (own.painter && own.painter.gl) own.painter.gl.remove();
    } catch (error) {
      /* half a map is taken down with the page all the same */
    }
    const box = document.createElement("main");
    box.className = "empty link-over";
    box.id = "main";
    const [head, text, go] = ["h1", "p", "a"].map((name) => box.appendChild(document.createElement(name)));
    box.setAttribute("role", "alert");
    go.className = "btn pri";
    go.href = link;
    document.body.replaceChildren(box);
    /* said after it stands there: a screen reader tells what changes */
    Object.assign(head, { textContent: title });
    Object.assign(text, { textContent: why });
    Object.assign(go, { textContent: act });
    go.focus();
    return go;
  }
  function end(code) {
    if (over) return;
    const off = code === "account_off";
    const here = location.pathname + location.search + location.hash;
    clear(off ? words.account_off : words.session_over, off ? words.account_off_why : words.session_over_why, words.sign_in_again, "/login?next=" + encodeURIComponent(here));
  }
  function change() {
    if (over) return;
    const go = clear(words.rights_gone, words.rights_gone_why, words.reload, location.href);
    const again = () => location.reload();
    go.addEventListener("click", (event) => (event.preventDefault(), again()));
    sessionStorage.setItem(TOLD, "yes");
    setTimeout(again, RELOAD_MS);
  }

  function lose() {
    if (!back) back = new Promise((done) => (goOn = done));
    if (mode !== "quiet") tell("warn", words.link_lost);
    clearTimeout(timer);
    timer = setTimeout(check, spread(Math.min(LONGEST_MS, FIRST_MS * 2 ** tries++)));
  }
  function regain() {
    tries = 0;
    clearTimeout(timer);
    timer = setTimeout(look, spread(LOOK_EVERY_MS));
    if (!back) return;
    if (mode === "away") return location.reload();
    if (mode !== "quiet") tell("ok", words.link_back, 3000);
    goOn();
    back = null;
    document.dispatchEvent(new CustomEvent("getu:back"));
  }

  async function meet(answer) {
    if (answer.status === 502 || answer.status === 503 || answer.status === 504) return lose();
    const told = await answer.json().catch(() => ({}));
    if (mode === "away") return regain();
    if (answer.status === 401) return mode === "quiet" ? null : end(told.code);
    if (!answer.ok) return lose();
    if ((mark && told.mark !== mark) || (sight && told.sight !== sight)) return change();
    sight = told.sight;
    if (window.Getu && Getu.config && told.csrf) Getu.config.csrf = told.csrf;
    regain();
  }
  /* Who am I, and what may I see now? It asks the database: an answer says that the whole line stands. */
  function check() {
    if (over) return never();
    asked = Date.now();
    const options = { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(15000) };
    checking = checking || plain(ME, options).then(meet, lose).finally(() => (checking = null));
    return checking;
  }
  function look() {
    if (document.visibilityState === "visible") return check();
    timer = setTimeout(look, spread(LOOK_EVERY_MS));
  }
  const wake = () => document.visibilityState === "visible" && !over && (back || Date.now() - asked > LOOK_AGAIN_MS) && check();

  async function isLost(answer) {
    if (answer.status === 502 || answer.status === 504) return true;
    if (answer.status !== 503) return false;
    const told = await answer.clone().json().catch(() => ({}));
    return AWAY.includes(told.code);
  }
  async function judge(answer) {
    if (answer.status === 401) return end((await answer.json().catch(() => ({}))).code), never();
    const now = answer.headers.get("X-Getu-Mark");
    if (mark && now && now !== mark) return change(), never();
    if (answer.status === 403) await check();
    return over ? never() : answer;
  }
  /* Every request of the page: what only reads waits for the line and is asked again; what writes is never sent twice. */
  async function ask(input, options) {
    for (;;) {
      if (over) return never();
      const answer = await plain(input, options).catch((error) => error);
      if (answer instanceof Error && answer.name !== "TypeError") throw answer;
      const lost = answer instanceof Error || (await isLost(answer));
      if (!lost) return judge(answer);
      if (!back) lose();
      if ((options && options.method && options.method !== "GET") || mode === "quiet") {
        if (answer instanceof Error) throw answer;
        return answer;
      }
      await back;
    }
  }
  window.fetch = function (input, options) {
    const address = new URL(input.url || input, location.href);
    const ours = address.origin === location.origin && /^\/(api|tiles)\//.test(address.pathname) && address.pathname !== "/api/v1/session";
    /* a phone that works without signal tells of it itself, and of a session that is over */
    return !ours || mode === "quiet" ? plain(input, options).then((answer) => (ours && answer.ok ? judge(answer) : answer)) : ask(input, options);
  };

  /* Tiles that a worker of the map asked for: one that failed may be the line's fault, or a right's. */
  document.addEventListener("getu:tile", ({ detail }) => back || over || detail.status === 404 || detail.status === 422 || check());
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  window.addEventListener("offline", () => mode === "quiet" || over || back || lose());
  /* brought back by the browser's own memory: is it still ours to show? */
  window.addEventListener("pageshow", (event) => event.persisted && check());

  if (mode === "away") return lose();
  if (sessionStorage.getItem(TOLD)) {
    sessionStorage.removeItem(TOLD);
    tell("info", words.rights_new, 10000);
  }
  window.addEventListener("load", () => (timer = setTimeout(look, spread(4000))));
})();
