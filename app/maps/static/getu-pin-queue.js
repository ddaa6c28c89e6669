/* Getu 格图 · pins wait on this phone until the service has answered: kept before they are sent, sent once, forgotten after. */
(function () {
  "use strict";
  const KEY = "getu-pins";
  const listeners = [];
  const sent = new Map();

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

  const flush = Getu.makeOutbox({
    name: KEY,
    list: () => mine().filter((one) => !one.refused),
    keyOf: (one) => one.body.client_key,
    send: (one) => Getu.sendOnce("/api/v1/customers/" + one.customer_id + "/pin", { body: JSON.stringify(one.body) }),
    settle(one, end) {
      const key = one.body.client_key;
      if (end.answer) sent.set(key, end.answer), remove(key);
      if (end.refused) change(key, { refused: end.refused });
      if (end.wait) change(key, { why: end.wait });
    },
  });

  Getu.pins = {
    list: mine,
    sent, // client_key -> answer, of what this page has sent
    remove,
    flush,
    listen: (tell) => listeners.push(tell),
    /* Keep a pin, then try to send it: what became of it, {wait} when it stays here. */
    async put(customer, body) {
      const key = Getu.makeKey("pin-");
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
  window.addEventListener("storage", (event) => event.key === KEY && listeners.forEach((tell) => tell(mine())));
})();
