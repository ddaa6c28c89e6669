/* Getu 格图 · pins wait on this phone until the service has answered: kept before they are sent, sent once, forgotten after.
   Once is the service's doing (it answers the same client_key alike); here a pin is only never lost and never sent twice at a time. */
(function () {
  "use strict";
  const KEY = "getu-pins";
  const PATIENCE_MS = 20000;
  const AGAIN_MS = 15000;
  const listeners = [];
  const sent = new Map();
  let busy = null;
  let timer = 0;

  function read() {
    try {
      const all = JSON.parse(localStorage.getItem(KEY) || "[]");
      return Array.isArray(all) ? all : [];
    } catch (error) {
      return [];
    }
  }
  function write(all) {
    localStorage.setItem(KEY, JSON.stringify(all));
    listeners.forEach((tell) => tell(mine()));
  }
  /* A phone is handed on: what another person pinned waits for him. */
  const mine = () => read().filter((one) => one.login === Getu.config.login);
  const change = (key, facts) => write(read().map((one) => (one.body.client_key === key ? { ...one, ...facts } : one)));
  const remove = (key) => write(read().filter((one) => one.body.client_key !== key));

  function makeKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return "pin-" + [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  }

  /* One request. {answer} when it was taken, {refused} when it never will be, {wait} for later. */
  async function send(one, again) {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      const answer = await fetch("/api/v1/customers/" + one.customer_id + "/pin", {
        method: "POST",
        credentials: "same-origin",
        signal: stop.signal,
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": Getu.config.csrf || "" },
        body: JSON.stringify(one.body),
      });
      const told = await answer.json().catch(() => null);
      if (answer.ok && told) return { answer: told };
      if (answer.status === 401) return { wait: "wait_signed_out" };
      if (answer.status === 403 && told && told.code === "csrf" && !again && (await renew())) return send(one, true);
      if (answer.status >= 500 || answer.status === 429 || answer.status === 408 || !told) return { wait: "wait_offline" };
      return { refused: told };
    } catch (error) {
      return { wait: "wait_offline" };
    } finally {
      clearTimeout(late);
    }
  }
  /* A page that lay open over a new sign-in holds an old token. */
  async function renew() {
    const me = await fetch("/api/v1/me", { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.json() : null));
    if (!me || me.login !== Getu.config.login) return false;
    Getu.config.csrf = me.csrf;
    return true;
  }

  async function sendAll(told) {
    for (const one of mine()) {
      if (one.refused) continue;
      const end = await send(one);
      if (end.answer) sent.set(one.body.client_key, end.answer), remove(one.body.client_key);
      if (end.refused) change(one.body.client_key, { refused: end.refused });
      if (end.wait) change(one.body.client_key, { why: end.wait });
      told.set(one.body.client_key, end);
      if (end.wait) break;
    }
    return told;
  }
  const alone = (work) => (navigator.locks ? navigator.locks.request(KEY, work) : work());

  /* Sends what waits, in order, one at a time even over two tabs; told to those who listen to `sent`. */
  async function flush() {
    while (busy) await busy;
    clearTimeout(timer);
    busy = alone(() => sendAll(new Map())).finally(() => (busy = null));
    const told = await busy;
    if (mine().some((one) => !one.refused)) timer = setTimeout(flush, AGAIN_MS);
    return told;
  }

  Getu.pins = {
    list: mine,
    sent, // client_key -> answer, of what this page has sent
    remove,
    flush,
    listen: (tell) => listeners.push(tell),
    /* Keep a pin, then try to send it: what became of it, {wait} when it stays here. */
    async put(customer, body) {
      const key = makeKey();
      const one = { login: Getu.config.login, customer_id: customer.id, name: customer.name, at: new Date().toISOString(), body: { ...body, client_key: key } };
      write([...read(), one]);
      const told = await flush();
      return { key, ...(told.get(key) || { wait: "wait_offline" }) };
    },
    /* Send a refused one again, with what it lacked. */
    async retry(key, more) {
      write(read().map((one) => (one.body.client_key === key ? { ...one, refused: undefined, body: { ...one.body, ...more } } : one)));
      const told = await flush();
      return { key, ...(told.get(key) || { wait: "wait_offline" }) };
    },
  };
  window.addEventListener("online", flush);
  window.addEventListener("storage", (event) => event.key === KEY && listeners.forEach((tell) => tell(mine())));
})();
