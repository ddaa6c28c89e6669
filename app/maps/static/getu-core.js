/* Getu 格图 · small helpers that all scripts of the map share: words, numbers, elements, the address bar. */
(function () {
  "use strict";
  const Getu = (window.Getu = {});

  Getu.say = function (key, facts) {
    const text = Getu.config.words[key] || key;
    return facts ? text.replace(/\{(\w+)\}/g, (all, name) => (name in facts ? facts[name] : all)) : text;
  };

  /* 1,863 · 89.00 万 · 1.26 亿; what is unknown is a dash, never 0. */
  Getu.number = function (value) {
    if (value === null || value === undefined || value === "") return "—";
    const n = Number(value);
    if (Getu.config.lang !== "zh" || Math.abs(n) < 1e4) return n.toLocaleString("en", { maximumFractionDigits: 0 });
    return Math.abs(n) >= 1e8 ? (n / 1e8).toFixed(2) + " 亿" : (n / 1e4).toFixed(2) + " 万";
  };
  Getu.money = function (yuan) {
    if (yuan === null || yuan === undefined) return "—";
    const n = Number(yuan);
    if (Getu.config.lang !== "zh") return n >= 1e6 ? (n / 1e6).toFixed(2) + " M" : n.toLocaleString("en");
    if (n >= 1e8) return (n / 1e8).toFixed(2) + " 亿";
    return n >= 1e4 ? Math.round(n / 1e4).toLocaleString("en") + " 万" : n.toLocaleString("en", { maximumFractionDigits: 0 });
  };
  Getu.share = (part, whole) => (whole ? ((100 * part) / whole).toFixed(1) + "%" : "—");
  Getu.distance = function (metres) {
    const far = metres >= 1000;
    return (far ? metres / 1000 : metres) + " " + Getu.say(far ? "kilometres" : "metres");
  };

  /* el("div.row", {title: "x"}, child, "text"): text is always text, never markup. */
  Getu.el = function (name, attributes, ...children) {
    const [tag, ...classes] = name.split(".");
    const element = document.createElement(tag || "div");
    if (classes.length) element.className = classes.join(" ");
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (key === "style") element.style.cssText = value;
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
    return element;
  };
  Getu.icon = function (name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", "#i-" + name);
    svg.append(use);
    return svg;
  };
  Getu.find = (selector) => document.querySelector(selector);

  /* The width of a text in characters: Chinese one each, the rest about half. */
  Getu.width = (text) => [...text].reduce((sum, one) => sum + (one.charCodeAt(0) > 0x2e80 ? 1 : 0.55), 0);

  /* Whether a point lies in a ring of [lon, lat] points: an odd number of its edges lies to the east. */
  Getu.inRing = function (ring, x, y) {
    let odd = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i];
      const [xj, yj] = ring[j];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
    }
    return odd;
  };

  /* The polygons of a geometry, each a list of rings: the outer one, then its holes. */
  Getu.partsOf = (geometry) => (!geometry ? [] : geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : geometry.type === "GeometryCollection" ? geometry.geometries.flatMap(Getu.partsOf) : []);
  Getu.covers = (geometry, x, y) => Getu.partsOf(geometry).some((rings) => Getu.inRing(rings[0], x, y) && !rings.slice(1).some((hole) => Getu.inRing(hole, x, y)));

  let toastTimer = 0;
  Getu.toast = function (text) {
    const toast = Getu.find("#toast");
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => (toast.hidden = true), 8000);
  };

  /* The view lives in the address: a colleague who opens it sees the same. */
  Getu.state = {
    read() {
      return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    },
    write(changes) {
      const all = new URLSearchParams(location.hash.slice(1));
      for (const [key, value] of Object.entries(changes)) value ? all.set(key, value) : all.delete(key);
      const text = all.toString().replace(/%3A/g, ":").replace(/%2F/g, "/").replace(/%2C/g, ",");
      try {
        history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
      } catch (error) {
        /* a page opened from a file may not change its address */
      }
    },
  };

  /* JSON from our own origin. An ended session leads to the sign-in page; any other answer is thrown with its words. */
  Getu.ask = async function (address, options) {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin", ...options });
    if (answer.status === 401) {
      location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search + location.hash));
      throw new Error(Getu.say("signed_out"));
    }
    const body = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (!answer.ok) throw Object.assign(new Error((body && body[Getu.config.lang === "zh" ? "detail_zh" : "detail_en"]) || Getu.say("failed")), { status: answer.status, body });
    return body;
  };
})();
