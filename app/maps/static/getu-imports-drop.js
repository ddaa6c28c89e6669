/* Getu 格图 · where files are dropped: what is not taken is said at once, parts of a layer go together. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say } = Getu;
  const config = Getu.config;
  const today = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10);

  /* One file as it was dropped: `path` keeps the folder it came in, for formats that are folders. */
  const take = (file, path) => ({ file, path: path || file.webkitRelativePath || file.name });
  const inFolder = (one) => /\.gdb\//i.test(one.path);

  function fault(one) {
    const name = one.path.toLowerCase();
    if (one.file.size > config.limit_bytes) return say("too_big", { size: Getu.size(config.limit_bytes) });
    if (inFolder(one)) return "";
    if (!config.suffixes.some((suffix) => name.endsWith(suffix))) return say("not_taken");
    return one.file.size === 0 && !/\.(cpg|prj)$/.test(name) ? say("is_empty") : "";
  }

  /* A .shp without its table: the parts that are missing, by the name they should have. */
  function lack(one, all) {
    if (!/\.shp$/i.test(one.path)) return "";
    const stem = one.path.slice(0, -4).toLowerCase();
    const there = new Set(all.map((other) => other.path.toLowerCase()));
    const missing = [".dbf"].filter((suffix) => !there.has(stem + suffix));
    return missing.length ? say("part_missing", { parts: missing.join(" ") }) : "";
  }

  /* Everything below a dropped entry: folders are walked to their end. */
  async function walk(entry) {
    if (entry.isFile) return [take(await new Promise((done, fail) => entry.file(done, fail)), entry.fullPath.replace(/^\//, ""))];
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!some.length) return found;
      for (const one of some) found.push(...(await walk(one)));
    }
  }
  async function readDrop(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    if (!entries.length) return [...transfer.files].map((file) => take(file));
    const found = [];
    for (const entry of entries) found.push(...(await walk(entry)));
    return found;
  }

  Getu.wireDrop = function (place, upload) {
    let files = [];
    const day = el("input.input", { type: "date", id: "from-day", value: today(), required: true });
    const kind = el("select.input", { id: "kind" }, Object.entries(config.kinds).map(([key, name]) => el("option", { value: key }, name)));
    // Systems whose customer files this person may bring in stand below the kinds of ground.
    const whose = (config.sources || []).map((one) => el("option", { value: "customers:" + one.code }, say("customers_of") + "·" + one.name));
    if (whose.length) kind.append(el("optgroup", { label: say("kind_customers") }, whose));
    const source = () => (config.sources || []).find((one) => kind.value === "customers:" + one.code);
    const mode = el("select.input", { id: "mode" });
    kind.addEventListener("change", () => (draw(), kind.focus()));
    const pick = el("input", { type: "file", multiple: true, id: "pick", class: "unseen", tabindex: "-1", "aria-label": say("choose_files") });
    pick.addEventListener("change", () => (add([...pick.files].map((file) => take(file))), (pick.value = "")));

    function add(more) {
      const known = new Set(files.map((one) => one.path + one.file.size));
      files = [...files, ...more.filter((one) => !known.has(one.path + one.file.size))];
      draw();
    }
    const good = () => files.filter((one) => !fault(one));

    function line(one) {
      const bad = fault(one);
      const thin = bad ? "" : lack(one, files);
      const told = bad || thin;
      const remove = el("button.btn.ghost.icon", { type: "button", "aria-label": say("take_out") + " " + one.path, title: say("take_out"), onclick: () => ((files = files.filter((other) => other !== one)), draw()) }, icon("x"));
      const words = told ? el("span.cap." + (bad ? "fault" : "down"), {}, icon("alert"), told) : null;
      return el("li.chosen", {}, icon("file"), el("span.file-name.grow", { title: one.path }, one.path), words, el("span.cap.num", {}, Getu.size(one.file.size)), remove);
    }

    function zone() {
      const formats = config.formats.map((name) => name.replace(/[（(].*/, "").trim()).join(say("and"));
      const button = el("button.btn.lg" + (files.length ? "" : ".pri"), { type: "button", onclick: () => pick.click() }, icon("upload"), say(files.length ? "add_files" : "choose_files"));
      const words = el("div.col.grow", {}, el("b", {}, say((config.sources || []).length ? "drop_any" : "drop_title")), el("span.cap", {}, say("drop_parts")), files.length ? null : el("span.cap", {}, say("formats_taken", { formats }) + " · " + say("up_to", { size: Getu.size(config.limit_bytes) })));
      return el("div.zone" + (files.length ? ".thin" : ""), {}, el("span.avatar.sign", {}, icon("upload")), words, button, pick);
    }

    function choose() {
      const usable = good();
      const size = usable.reduce((sum, one) => sum + one.file.size, 0);
      const over = size > config.limit_bytes;
      const from = source();
      const many = from && usable.length > 1;
      if (from) mode.replaceChildren(el("option", { value: "" }, say("mode_source", { mode: say(from.delivery) })), el("option", { value: "full" }, say("mode_full")), el("option", { value: "delta" }, say("mode_delta")));
      const go = el("button.btn.pri.lg", { type: "submit", disabled: !usable.length || over || many }, say("look_at_it"));
      const when = from ? el("label", {}, el("span.cap", {}, say("how_delivered")), mode) : el("label", {}, el("span.cap", {}, say("from_day")), day);
      const options = () => (from ? { source: from.code, ...(mode.value ? { mode: mode.value } : {}), fields: {} } : { kind: kind.value, valid_from: day.value });
      const told = many ? say("one_file_only") : !usable.length ? say("nothing_usable") : over ? say("too_big", { size: Getu.size(config.limit_bytes) }) : usable.length < files.length ? say("only_taken_go") : say("chosen", { n: usable.length, size: Getu.size(size) });
      const form = el("form.take", { onsubmit: (event) => (event.preventDefault(), upload(usable, options())) }, el("label", {}, el("span.cap", {}, say("what_is_it")), kind), when, el("span.cap.grow.take-sum", { role: "status" }, told), go);
      return [el("ul.chosen-list", {}, files.map(line)), form];
    }

    function draw() {
      place.replaceChildren(zone(), ...(files.length ? choose() : []));
    }
    let deep = 0;
    const halt = (event) => (event.preventDefault(), event.stopPropagation());
    document.addEventListener("dragenter", (event) => (halt(event), (deep += 1), place.classList.add("over")));
    document.addEventListener("dragleave", (event) => (halt(event), (deep -= 1) < 1 && place.classList.remove("over")));
    document.addEventListener("dragover", halt);
    document.addEventListener("drop", async (event) => {
      halt(event);
      deep = 0;
      place.classList.remove("over");
      if (place.dataset.busy) return;
      add(await readDrop(event.dataTransfer));
    });
    draw();
    return draw;
  };

  /* The files to the service, with the share that was sent; resolves to the job. */
  Getu.upload = function (files, options, tell) {
    const form = new FormData();
    form.append("options", JSON.stringify({ dry_run: true, ...options }));
    for (const one of files) form.append("file", one.file, inFolder(one) ? one.path : one.file.name);
    const request = new XMLHttpRequest();
    const done = new Promise((resolve, reject) => {
      request.open("POST", "/api/v1/imports/" + (options.source ? "customers" : "boundaries"));
      request.setRequestHeader("X-CSRF-Token", config.csrf);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.onprogress = (event) => event.lengthComputable && tell(event.loaded, event.total);
      request.onload = () => {
        if (request.status === 401) return location.assign("/login?next=/imports");
        request.status === 202 ? resolve(request.response) : reject(new Error(Getu.problem(request.response, say("upload_failed"))));
      };
      request.onerror = () => reject(new Error(say("upload_lost")));
      request.onabort = () => reject(new Error(say("upload_stopped")));
      request.send(form);
    });
    return { done, stop: () => request.abort() };
  };
})();
