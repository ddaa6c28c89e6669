/* Getu 格图 · reports of visits wait on this phone until the service has answered: first the visit, then its photographs. */
(function () {
  "use strict";
  const KEY = "getu-visits";
  const { queue } = Getu.dayStore;
  const listeners = [];
  const byTime = (a, b) => (a.at < b.at ? -1 : 1);
  /* A phone is handed on: what another person reported waits for him. */
  const mine = async () => (await queue.all()).filter((one) => one.login === Getu.config.login).sort(byTime);
  const others = async () => (await queue.all()).filter((one) => one.login !== Getu.config.login).length;
  async function tell() {
    const [waiting, foreign] = [await mine(), await others()];
    listeners.forEach((hear) => hear(waiting, foreign));
  }

  /* What was sent is written down at once: a phone that dies between two photographs goes on behind the first. */
  async function send(one) {
    if (!one.visit_id) {
      const body = { ...one.body, client_key: one.key, visited_at: one.at, sent_at: new Date().toISOString() };
      const end = await Getu.sendOnce("/api/v1/visits", { body: JSON.stringify(body) });
      if (!end.answer) return end;
      Object.assign(one, { visit_id: end.answer.id, answer: end.answer });
      await queue.put(one);
    }
    while (one.photos.length) {
      const photo = one.photos[0];
      const end = await Getu.sendOnce("/api/v1/visits/" + one.visit_id + "/photos?key=" + photo.key, { type: "image/jpeg", body: photo.blob, patience: 90000 });
      if (end.refused) return { ...end, photo: true };
      if (!end.answer) return end;
      one.photos.shift();
      await queue.put(one);
    }
    return { answer: one.answer };
  }
  async function settle(one, end) {
    if (end.answer) await queue.remove(one.key);
    else await queue.put({ ...one, refused: end.refused, photo_refused: Boolean(end.photo), why: end.wait });
    await tell();
  }
  const flush = Getu.makeOutbox({ name: KEY, list: async () => (await mine()).filter((one) => !one.refused), keyOf: (one) => one.key, send, settle });

  async function keep(one) {
    await queue.put(one);
    await tell();
    const told = await flush();
    return { key: one.key, ...(told.get(one.key) || { wait: "wait_offline" }) };
  }
  Getu.visits = {
    list: mine,
    flush,
    tell,
    listen: (hear) => listeners.push(hear),
    /* Keep a report, then try to send it: what became of it, {wait} when it stays here. `subject` is its masked name. */
    put: (subject, body, photos) => keep({ key: Getu.makeKey("visit-"), login: Getu.config.login, at: new Date().toISOString(), subject, body, photos: photos.map((blob) => ({ key: Getu.makeKey("photo-"), blob })) }),
    /* A refused report, put right: it keeps its key and its time. */
    mend: (one, body, photos) => keep({ ...one, refused: undefined, why: undefined, body, photos: photos.map((blob) => (one.photos.find((known) => known.blob === blob) || { key: Getu.makeKey("photo-"), blob })) }),
    async dropPhotos(one) {
      return keep({ ...one, refused: undefined, why: undefined, photos: one.photos.slice(1) });
    },
    async remove(key) {
      await queue.remove(key);
      await tell();
    },
  };
})();
