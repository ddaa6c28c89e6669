/* Getu 格图 · what both pages of the import desk share: the page's facts, sending, following a job. */
(function () {
  "use strict";
  const Getu = window.Getu;
  Getu.config = JSON.parse(Getu.find("#config").textContent);
  const { el, icon, say, number } = Getu;
  const zh = Getu.config.lang === "zh";
  const OVER = ["done", "failed", "cancelled"];

  Getu.size = function (bytes) {
    if (bytes === null || bytes === undefined) return "—";
    if (bytes < 1024) return bytes + " B";
    if (bytes < 1 << 20) return Math.round(bytes / 1024) + " KB";
    return bytes < 1 << 30 ? (bytes / (1 << 20)).toFixed(1) + " MB" : (bytes / (1 << 30)).toFixed(2) + " GB";
  };

  /* 16:42 today, 11-21 16:42 this year, else the whole date; the exact time stands in the title. */
  Getu.when = function (text) {
    const day = new Date(text);
    if (isNaN(day)) return "—";
    const two = (n) => String(n).padStart(2, "0");
    const date = two(day.getMonth() + 1) + "-" + two(day.getDate());
    const clock = two(day.getHours()) + ":" + two(day.getMinutes());
    const now = new Date();
    if (day.toDateString() === now.toDateString()) return clock;
    return (day.getFullYear() === now.getFullYear() ? "" : day.getFullYear() + "-") + date + " " + clock;
  };

  /* A report says "中文 / English": our half of it. Slashes inside come in pairs, so the middle one divides. */
  Getu.half = function (text) {
    const parts = String(text || "").split(" / ");
    if (parts.length % 2) return String(text || "");
    const middle = parts.length / 2;
    return (zh ? parts.slice(0, middle) : parts.slice(middle)).join(" / ");
  };
  Getu.problem = (body, otherwise) => (body && (body[zh ? "detail_zh" : "detail_en"] || body[zh ? "zh" : "en"])) || otherwise;

  Getu.send = (address, body) =>
    Getu.ask(address, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": Getu.config.csrf },
      body: body === undefined ? undefined : JSON.stringify(body),
    });

  /* A job until it is over: as it is told, or asked for every two seconds where the stream does not hold. */
  Getu.follow = function (id, tell) {
    const address = "/api/v1/jobs/" + id;
    return new Promise((resolve, reject) => {
      let over = false;
      let misses = 0;
      function take(job) {
        if (over) return;
        tell(job);
        over = OVER.includes(job.status);
        if (over) resolve(job);
      }
      async function poll() {
        if (over) return;
        try {
          take(await Getu.ask(address));
          misses = 0;
        } catch (error) {
          misses += 1;
          if (misses > 15) return reject(error);
        }
        if (!over) setTimeout(poll, 2000);
      }
      if (!window.EventSource) return poll();
      const stream = new EventSource(address + "/events");
      stream.addEventListener("job", (event) => {
        take(JSON.parse(event.data));
        if (over) stream.close();
      });
      stream.onerror = () => {
        stream.close();
        poll();
      };
    });
  };

  /* The bar of a job: stage, share, what is left; stop() is told once. */
  Getu.drawProgress = function (stop) {
    const began = Date.now();
    const name = el("span", {}, say("stage_waiting"));
    const share = el("span.b.num");
    const fill = el("i");
    const bar = el("div.bar-t", { role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
    const detail = el("div.cap", { role: "status" }, say("may_leave"));
    const left = el("span.cap.nowrap");
    const button = stop
      ? el("button.btn.grow", {
          type: "button",
          onclick: () => {
            button.disabled = true;
            button.textContent = say("stopping");
            stop();
          },
        }, say("stop_job"))
      : null;
    function tell(job) {
      const words = Getu.config.words["stage_" + job.stage];
      name.textContent = job.status === "waiting" ? say("stage_waiting") : words || say("stage_working");
      const counted = job.status === "running" && job.total > 1;
      const part = job.status === "done" ? 1 : counted ? Math.min(1, job.done / job.total) : 0;
      bar.classList.toggle("unsure", !counted && job.status !== "done");
      bar.setAttribute("aria-label", name.textContent);
      counted ? bar.setAttribute("aria-valuenow", String(Math.round(100 * part))) : bar.removeAttribute("aria-valuenow");
      fill.style.width = counted || part ? 100 * part + "%" : "";
      share.textContent = counted ? Math.round(100 * part) + "%" : "";
      detail.textContent = (counted ? say("done_of", { done: number(job.done), total: number(job.total) }) + "·" : "") + say("may_leave");
      const passed = (Date.now() - began) / 1000;
      const rest = counted && part > 0.05 && passed > 2 ? (passed * (1 - part)) / part : 0;
      left.textContent = rest >= 90 ? say("left_min", { n: Math.round(rest / 60) }) : rest >= 1 ? say("left_s", { n: Math.round(rest) }) : "";
    }
    const body = el("div.body.col", { style: "gap:8px" }, el("div.between", { style: "font-size:13px" }, name, share), bar, detail, button ? el("div.row", { style: "margin-top:8px" }, button) : null);
    return { tell, card: el("section.card.progress", {}, el("header", {}, el("h2", {}, say("progress")), left), body) };
  };

  const STATES = {
    running: ["info", "clock"],
    needs_answer: ["warn", "alert"],
    checked: ["brand-b", "check"],
    imported: ["ok", "check"],
    rejected: ["fault", "x"],
    failed: ["fault", "alert"],
    undone: ["", "undo"],
    cancelled: ["", "x"],
  };
  /* A trial of a customer file is over with its telling: it is not loaded from here. */
  Getu.drawState = function (status, kind = "boundaries") {
    if (["checked", "needs_answer"].includes(status) && kind === "customers") return el("span.badge", {}, icon("info"), say("status_tried"));
    const [look, sign] = STATES[status] || ["", "info"];
    return el("span.badge" + (look ? "." + look : ""), {}, icon(sign), say("status_" + status));
  };

  function wireBar() {
    const lang = Getu.find("#lang");
    lang.addEventListener("click", () => (lang.href = lang.getAttribute("href").split("#")[0] + location.hash));
    Getu.find("#sign-out").addEventListener("click", async () => {
      await Getu.ask("/api/v1/session", { method: "DELETE", headers: { "X-CSRF-Token": Getu.config.csrf } }).catch((error) => Getu.toast(error.message));
      location.assign("/login");
    });
  }
  wireBar();
})();
