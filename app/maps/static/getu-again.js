/* Getu 格图 · a tile that was refused because too many maps are being drawn (503) is asked for again, until it is there.
   A line that is gone is getu-recover.js's to notice; when it is back, what failed meanwhile is asked for, too. */
(function () {
  "use strict";
  const FIRST_MS = 2000;
  const LONGEST_MS = 20000;
  /* Many pages were refused at once: they do not come back at once. */
  const wait = (tries, ms) => Math.min(LONGEST_MS, (ms || FIRST_MS) * 1.5 ** tries) * (0.75 + Math.random() / 2);

  /* MapLibre's worker fetches by itself and tells of each failure once: here, all of a moment are asked for together. */
  function watch(gl) {
    const failed = new Map();
    const tries = new Map();
    let timer = 0;
    function again() {
      clearTimeout(timer);
      timer = 0;
      for (const [source, tiles] of failed) {
        failed.delete(source);
        if (gl.getSource(source)) gl.refreshTiles(source, [...tiles.values()]);
      }
    }
    gl.on("error", ({ error, sourceId, tile }) => {
      const at = tile && tile.tileID && tile.tileID.canonical;
      const status = (error && error.status) || 0;
      if (!at || !sourceId || (status && status < 500)) return;
      const name = [sourceId, at.z, at.x, at.y].join("/");
      if (!failed.has(sourceId)) failed.set(sourceId, new Map());
      failed.get(sourceId).set(name, { z: at.z, x: at.x, y: at.y });
      if (status !== 503) return;
      const before = tries.get(name) || 0;
      tries.set(name, before + 1);
      timer = timer || setTimeout(again, wait(before));
    });
    gl.on("idle", () => failed.size || tries.clear());
    document.addEventListener("getu:back", again);
  }
  document.addEventListener("getu:gl", ({ detail }) => watch(detail));

  /* VectorGrid fetches in the page, and takes a refusal for an empty tile. */
  const fetched = window.fetch;
  window.fetch = async function (input, options) {
    const address = new URL(input.url || input, location.href);
    const tile = address.origin === location.origin && address.pathname.startsWith("/tiles/") && address.pathname.endsWith(".mvt");
    for (let tries = 0; ; tries++) {
      const answer = await fetched(input, options);
      if (!tile || answer.status !== 503) return answer;
      await new Promise((done) => setTimeout(done, wait(tries, 1000 * Number(answer.headers.get("Retry-After")))));
    }
  };
})();
