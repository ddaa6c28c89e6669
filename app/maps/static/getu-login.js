/* Getu 格图 · signing in: the answer stands beside its field, never in a dialog. */
(function () {
  "use strict";
  const form = document.getElementById("login");
  const told = document.getElementById("e");
  const [user, password, eye, go] = ["u", "p", "eye", "go"].map((id) => document.getElementById(id));

  function tell(text) {
    told.replaceChildren();
    if (!text) return password.removeAttribute("aria-invalid");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "i");
    use.setAttribute("href", "#i-alert");
    svg.append(use);
    told.append(svg, text);
    password.setAttribute("aria-invalid", "true");
  }

  /* Only a path of this service: an address from elsewhere is not followed. */
  function whereNext(start) {
    const asked = new URLSearchParams(location.search).get("next");
    const next = asked || start || "/";
    if (!/^\/(?![\/\\])/.test(next)) return "/";
    /* sent here by the service: the browser has kept what stood behind the # */
    return next.includes("#") || (!asked && next !== "/") ? next : next + location.hash;
  }

  eye.addEventListener("click", () => {
    const seen = password.type === "text";
    password.type = seen ? "password" : "text";
    eye.setAttribute("aria-pressed", String(!seen));
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!user.value.trim() || !password.value) return tell(form.dataset.empty);
    go.disabled = true;
    try {
      const answer = await fetch("/api/v1/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ login: user.value, password: password.value }) });
      if (answer.ok) return location.assign(whereNext((await answer.json()).start));
      const problem = await answer.json().catch(() => ({}));
      tell(problem["detail_" + form.dataset.lang] || form.dataset.failed);
      password.select();
    } catch (error) {
      tell(form.dataset.failed);
    } finally {
      go.disabled = false;
    }
  });

  /* Nobody is signed in: nothing of the last person's customers stays on this phone (reports that wait are kept). */
  if (window.indexedDB) indexedDB.deleteDatabase("getu-day-list");
  if (window.caches) caches.keys().then((names) => names.filter((name) => name.startsWith("getu-day")).forEach((name) => caches.delete(name)));
})();
