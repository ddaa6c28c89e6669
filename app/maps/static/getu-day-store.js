/* Getu 格图 · what the day keeps on a phone: reports that wait (with their photographs), and the last list, masked.
   The list goes at sign-out and when the service says that nobody is signed in; reports wait until they are sent. */
(function () {
  "use strict";
  const QUEUE = "getu-visits";
  const LIST = "getu-day-list";
  const open = {};

  function base(name) {
    if (!open[name])
      open[name] = new Promise((done, fail) => {
        const asked = indexedDB.open(name, 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore("rows", { keyPath: "key" });
        asked.onsuccess = () => {
          asked.result.onversionchange = () => (asked.result.close(), delete open[name]);
          done(asked.result);
        };
        asked.onerror = () => (delete open[name], fail(asked.error));
      });
    return open[name];
  }
  async function act(name, mode, work) {
    const held = await base(name);
    return new Promise((done, fail) => {
      const turn = held.transaction("rows", mode);
      const asked = work(turn.objectStore("rows"));
      turn.oncomplete = () => done(asked.result);
      turn.onerror = turn.onabort = () => fail(turn.error);
    });
  }
  const rows = (name) => ({
    all: () => act(name, "readonly", (store) => store.getAll()),
    get: (key) => act(name, "readonly", (store) => store.get(key)),
    put: (row) => act(name, "readwrite", (store) => store.put(row)),
    remove: (key) => act(name, "readwrite", (store) => store.delete(key)),
  });

  Getu.dayStore = {
    queue: rows(QUEUE),
    list: rows(LIST),
    /* Nothing of anybody's customers stays: the last list and the page itself. */
    async forget() {
      Getu.dayStore.list = { ...Getu.dayStore.list, put: async () => null };
      if (open[LIST]) (await open[LIST]).close();
      delete open[LIST];
      indexedDB.deleteDatabase(LIST);
      if (!window.caches) return;
      for (const name of await caches.keys()) if (name.startsWith("getu-day")) await caches.delete(name);
    },
  };
})();
