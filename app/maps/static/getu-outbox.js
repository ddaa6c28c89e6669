/* Getu 格图 · what is kept on a phone until the service has answered: sent in order, one at a time even over two tabs.
   Once is the service's doing (it answers the same client_key alike); here an entry is only never lost. */
(function () {
  "use strict";
  const PATIENCE_MS = 20000;
  const AGAIN_MS = 15000;

  /* A page that lay open over a new sign-in holds an old token; another person's sign-in is no leave to send. */
  async function renew() {
    const me = await fetch("/api/v1/me", { credentials: "same-origin", headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : null));
    if (!me || me.login !== Getu.config.login) return false;
    Getu.config.csrf = me.csrf;
    return true;
  }

  /* One request. {answer} when it was taken, {refused} when it never will be as it is, {wait} for later. */
  async function sendOnce(address, content, again) {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), content.patience || PATIENCE_MS);
    try {
      if (!Getu.config.csrf && !(await renew())) return { wait: "wait_signed_out" };
      const answer = await fetch(address, {
        method: "POST",
        credentials: "same-origin",
        signal: stop.signal,
        headers: { "Content-Type": content.type || "application/json", Accept: "application/json", "X-CSRF-Token": Getu.config.csrf || "" },
        body: content.body,
      });
      const told = await answer.json().catch(() => null);
      if (answer.ok && told) return { answer: told };
      if (answer.status === 401) return { wait: "wait_signed_out" };
      if (answer.status === 403 && told && told.code === "csrf") return !again && (await renew()) ? await sendOnce(address, content, true) : { wait: "wait_signed_out" };
      if (answer.status >= 500 || answer.status === 429 || answer.status === 408 || !told) return { wait: "wait_offline" };
      return { refused: told };
    } catch (error) {
      return { wait: "wait_offline" };
    } finally {
      clearTimeout(late);
    }
  }

  function makeKey(prefix) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return prefix + [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  }

  /* {name, list() of what waits, keyOf(one), send(one) -> end, settle(one, end)}: flush() sends what waits and tells
     what became of each. It comes back by itself while something waits. */
  function makeOutbox({ name, list, keyOf, send, settle }) {
    let busy = null;
    let timer = 0;
    async function sendAll() {
      const told = new Map();
      for (const one of await list()) {
        const end = await send(one);
        await settle(one, end);
        told.set(keyOf(one), end);
        if (end.wait) break;
      }
      return told;
    }
    const alone = (work) => (navigator.locks ? navigator.locks.request(name, work) : work());
    async function flush() {
      while (busy) await busy;
      clearTimeout(timer);
      busy = alone(sendAll).finally(() => (busy = null));
      const told = await busy;
      if ((await list()).length) timer = setTimeout(flush, AGAIN_MS);
      return told;
    }
    window.addEventListener("online", flush);
    return flush;
  }

  Object.assign(Getu, { renewToken: renew, sendOnce, makeKey, makeOutbox });
})();
