/* Getu 格图 · the day opens without signal: the page and its static parts, nothing else. `SHELL` stands before this text.
   No answer of the service is kept here; the page keeps its own last list, masked, and clears it at sign-out. */
"use strict";
const CACHE = "getu-day-" + SHELL.version;
const PAGE = "/day";
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(install().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("getu-day") && name !== CACHE);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

/* The page that made this worker was fetched before there was one. */
async function install() {
  await (await caches.open(CACHE)).addAll(SHELL.parts);
  const page = await fetch(PAGE, { credentials: "same-origin", redirect: "manual" });
  if (page.ok && page.type === "basic") await keep(page);
}

/* The network's page, kept for later; the kept one when the network does not answer in time. Whoever is sent to
   sign in, or is refused, leaves nothing behind. */
async function openPage(request) {
  const kept = await caches.match(PAGE, { ignoreVary: true });
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok && answer.type === "basic" && !answer.redirected) await keep(answer.clone());
    else if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) await caches.delete(CACHE);
    if (kept && answer.status >= 500) throw new Error("busy");
    return answer;
  });
  if (!kept) return fresh;
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS, kept));
  return Promise.race([fresh, late]).catch(() => kept);
}
async function keep(answer) {
  const cache = await caches.open(CACHE);
  await cache.put(PAGE, answer);
  // A sign-out took the parts away with the page.
  if ((await cache.keys()).length <= 1) await cache.addAll(SHELL.parts);
}
async function openPart(request) {
  return (await caches.match(request, { ignoreVary: true })) || fetch(request);
}
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && address.pathname === PAGE) event.respondWith(openPage(request));
  else if (SHELL.parts.includes(address.pathname + address.search)) event.respondWith(openPart(request));
});
