/* Getu 格图 · plans and their life: the list, one plan's track, its counts, findings and certificate. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const kit = Getu.kit;
  const STEPS = ["draft", "check", "certify", "approve", "in_force", "retired"];
  const LOOKS = { draft: "info", checked: "brand-b", certified: "brand-b", approved: "brand-b", scheduled: "ok", in_force: "ok", retired: "" };
  const stateOf = (plan) => plan.state || plan.status;
  const drawState = (plan) => kit.badge(LOOKS[stateOf(plan)], say("status_" + stateOf(plan)));
  const life = (Getu.life = { code: "", one: null, findings: null, filter: "open" });

  life.open = (plan) => plan.status === "draft" || plan.status === "checked";
  const checked = (plan) => plan.checked_version !== null && plan.checked_version === plan.ground_version;
  const blocking = () => (life.findings ? life.findings.blocking : null);
  /* How many findings stand against a certificate; null where that is not known. */
  function leftOver() {
    const found = blocking();
    if (Array.isArray(found)) return found.length;
    return typeof found === "object" && found ? Object.values(found).reduce((a, b) => a + b, 0) : found === undefined ? null : found;
  }

  /* How far a plan has come: each step done, now, or still to come. */
  function stepsOf(plan) {
    const at = { retired: 6, in_force: 5, scheduled: 4, approved: 4 }[stateOf(plan)] || (plan.certificate_no ? 3 : checked(plan) && leftOver() === 0 ? 2 : 1);
    return STEPS.map((key, i) => [key, i < at ? "done" : i === at ? "now" : "next"]).map(([key, state]) => [key, key === "retired" && stateOf(plan) === "in_force" ? "next" : state]);
  }
  function detailOf(plan, key) {
    if (key === "draft") return [plan.created_by_name, kit.when(plan.created_at)].filter((one) => one && one !== "—").join(" ");
    if (key === "check") return checked(plan) ? (leftOver() === null ? "" : say(leftOver() ? "left_n" : "no_faults", { n: number(leftOver()) })) : plan.checked_version === null ? "" : say("check_stale");
    if (key === "certify") return plan.certificate_no ? plan.certified_by_name || plan.certificate_no : "";
    if (key === "approve") return plan.approved_by_name || "";
    return (key === "in_force" ? plan.valid_from : plan.valid_to) || "";
  }
  function drawTrack(plan) {
    return el("ol.track", { "aria-label": say("track") }, stepsOf(plan).map(([key, state], i) => el("li." + state, state === "now" ? { "aria-current": "step" } : {}, el("span.n", {}, state === "done" ? icon("check") : String(i + 1)), el("div", {}, el("b", {}, say("step_" + key)), el("span.cap", {}, detailOf(plan, key) || (state === "next" ? "" : "—"))))));
  }

  /* The list on the left */
  const FILTERS = { open: (plan) => plan.status !== "retired", all: () => true };
  function drawList() {
    const shown = kit.plans.filter(FILTERS[life.filter]);
    const rows = shown.map((plan) => el("button.plan-row", { type: "button", "data-code": plan.code, "aria-current": plan.code === life.code ? "true" : null, onclick: () => life.choose(plan.code, true) },
      el("span.ttl", {}, el("b", {}, plan.code), " ", plan.name),
      drawState(plan),
      el("span.cap", {}, [say("n_grids", { n: number(plan.grids) }), plan.valid_from ? kit.span(plan.valid_from, plan.valid_to) : say("made_at", { at: kit.when(plan.created_at) }), say("rule_" + plan.market_rule)].join("·"))));
    const seg = el("div.seg", {}, Object.keys(FILTERS).map((key) => el("button", { type: "button", "aria-pressed": String(life.filter === key), onclick: () => ((life.filter = key), drawList()) }, say("filter_" + key))));
    Getu.find("#life-list").replaceChildren(
      el("header", {}, el("h2", {}, say("plans_list")), seg),
      el("div.plan-rows", {}, rows.length ? rows : kit.empty(say("no_plans"), say("no_plans_why"))),
      kit.may("plan_ground") ? el("div.card-foot", {}, kit.button(say("new_draft"), () => Getu.newDraft(), { look: "pri.wide", id: "new-draft", sign: "plus" })) : null
    );
  }

  /* One plan */
  function drawFacts(plan) {
    const counts = plan.counts || {};
    const grids = counts.grids || {};
    const kinds = Object.entries(grids).filter(([key]) => key !== "total").map(([key, n]) => say("grid_" + key) + " " + number(n)).join("·");
    const stat = (key, value, detail) => el("div.stat", {}, el("dt", {}, say(key)), el("dd.v", {}, value), el("dd.d", {}, detail || ""));
    return el("dl.card.stats.plan-stats", {},
      stat("s_grids", number(grids.total), kinds),
      stat("s_area", kit.km2(counts.area_km2), say("km2")),
      stat("s_managers", number(counts.managers), say("of_branches", { n: number(counts.branches) })),
      stat("s_vacant", number(counts.vacant), say("of_grids", { n: number(grids.total) })),
      stat("s_rule", say("rule_" + plan.market_rule), say("rule_" + plan.market_rule + "_is")));
  }
  function drawFindings(plan) {
    const found = life.findings;
    const go = el("a.btn", { href: "/ground?plan=" + encodeURIComponent(plan.code), id: "to-findings" }, say("open_findings"));
    if (plan.checked_version === null) return el("section.card.life-find", {}, el("header", {}, el("h3", {}, say("findings")), null), kit.empty(say("never_checked"), say("never_checked_why")));
    if (!found) return el("section.card.life-find", {}, el("header", {}, el("h3", {}, say("findings")), go), el("div.body", {}, kit.note("warn", say("findings_unread"))));
    const counts = Object.entries(found.counts || {}).filter(([, n]) => n);
    const notices = Object.entries(found.notice_counts || {}).filter(([, n]) => n && !(found.counts || {})[n]);
    const row = (look) => ([kind, n]) => el("li", {}, kit.badge(look, say("fault_" + kind)), el("b", {}, number(n)));
    const known = new Set(["overlap", "gap", "sliver", "nested", "duplicate", "invalid", "outside"]);
    const ground = counts.filter(([kind]) => known.has(kind));
    const other = [...counts.filter(([kind]) => !known.has(kind)), ...notices];
    const left = leftOver();
    const told = !checked(plan) ? kit.note("warn", say("check_stale_why")) : left ? kit.note("warn", say("blocking_n", { n: number(left) })) : kit.note("ok", say("nothing_blocks"));
    return el("section.card.life-find", {}, el("header", {}, el("h3", {}, say("findings")), go), el("div.body.col", { style: "gap:12px" }, told, ground.length ? el("ul.kind-counts", {}, ground.map(row("fault"))) : null, other.length ? el("ul.kind-counts", {}, other.map(row(""))) : null, el("p.cap", {}, say("checked_at", { at: kit.when(found.checked_at) }))));
  }
  function drawCertificate(plan) {
    const has = life.certificate;
    const head = el("header", {}, el("h3", {}, say("certificate_card")), plan.certificate_no ? kit.badge("ok", plan.certificate_no, "shield") : kit.badge("warn", say("not_issued"), "shield"));
    if (!plan.certificate_no || !has) return el("section.card.life-cert", {}, head, el("div.body", {}, el("p.sec", {}, say("cert_why"))));
    const one = has.certificate;
    const grids = Object.entries(one.grids || {}).filter(([key]) => key !== "total").map(([key, n]) => say("grid_" + key) + " " + number(n)).join("·");
    const rows = [
      ["c_frame", kit.km2(one.frame_km2) + " " + say("km2")],
      ["c_grids", number((one.grids || {}).total) + (grids ? "（" + grids + "）" : "")],
      ["c_overlaps", say("c_zero", { a: number(one.overlaps), b: number(one.gaps) })],
      ["c_nested", number((one.nested || []).length) + " " + say("c_listed")],
      ["c_hash", (one.hash || "").slice(0, 16) + "…"],
      ["c_version", one.ground_version + "·" + kit.when(one.issued_at || one.issued_on)],
      ["c_by", one.issued_by],
    ];
    const told = el("div", { id: "verified", role: "status" }, has.valid === true ? kit.note("ok", say("cert_true")) : has.valid === false ? kit.note("fault", say("cert_false")) : null);
    const acts = el("div.row.wrap", {},
      el("a.btn", { href: kit.address(plan.code, "/certificate.pdf"), id: "cert-pdf", download: plan.certificate_no + ".pdf" }, icon("download"), "PDF"),
      el("a.btn", { href: kit.address(plan.code, "/certificate"), download: plan.certificate_no + ".json" }, icon("download"), "JSON"),
      kit.button(say("verify"), (event) => kit.press(event.currentTarget, () => life.verify(plan), told), { id: "verify" }));
    return el("section.card.life-cert", {}, head, el("div.body.col", { style: "gap:12px" }, el("dl.kv.cert", {}, rows.filter(([, value]) => value).flatMap(([key, value]) => [el("dt", {}, say(key)), el("dd", key === "c_hash" ? { title: one.hash, class: "mono" } : {}, value)])), one.nested && one.nested.length ? el("details.bill-more", {}, el("summary", {}, say("nested_list", { n: one.nested.length })), el("ul", {}, one.nested.slice(0, 60).map((pair) => el("li", {}, el("span", {}, pair.outer + " ⊃ " + pair.inner), el("b", {}, kit.hectares(pair.area_m2)))))) : null, told, acts));
  }
  life.verify = async function (plan) {
    life.certificate = await Getu.ask(kit.address(plan.code, "/certificate"));
    const valid = life.certificate.valid;
    Getu.find("#verified").replaceChildren(valid ? kit.note("ok", say("cert_true") + "·" + say("verified_now")) : valid === null ? kit.note("", say("cert_whole_only")) : kit.note("fault", say("cert_false")));
  };

  life.draw = function () {
    const plan = life.one;
    const place = Getu.find("#life-one");
    if (!plan) return place.replaceChildren(el("div.card", {}, kit.empty(say("choose_plan"), kit.may("plan_ground") ? say("choose_plan_why") : "")));
    const more = kit.may("plan_ground") && life.open(plan) ? [kit.button(say("rename"), () => Getu.acts.rename(plan), { id: "rename" }), kit.button(say("delete"), () => Getu.acts.remove(plan), { id: "delete" })] : [];
    place.replaceChildren(
      el("section.card.life-head", {}, el("header", {}, el("button.btn.ghost.icon.back", { type: "button", "aria-label": say("back_to_list"), onclick: () => (Getu.find("#part-life").dataset.view = "list") }, icon("left")), el("div.grow", {}, el("h2", { tabindex: "-1", id: "plan-title" }, plan.code + " ", el("span.sec", {}, plan.name)), el("span.cap", {}, [plan.base_plan ? say("made_from", { plan: plan.base_plan }) : null, plan.step_no ? say("steps_n", { n: number(plan.step_no) }) : null, say("version_n", { n: plan.ground_version })].filter(Boolean).join("·"))), drawState(plan), more), el("div.body", {}, drawTrack(plan), el("div.next-act", { id: "next-act" }, Getu.acts.next(plan)))),
      drawFacts(plan),
      el("div.life-pair", {}, drawFindings(plan), drawCertificate(plan)));
    document.documentElement.dataset.plan = plan.code;
  };

  /* Reading */
  life.isChecked = checked;
  life.leftOver = leftOver;
  let turn = 0;
  life.read = async function (code) {
    const mine = ++turn;
    const plan = await Getu.ask(kit.address(code));
    const row = kit.plan(code) || {};
    const [findings, certificate] = await Promise.all([
      plan.checked_version === null ? null : Getu.ask(kit.address(code, "/findings?state=open")).catch(() => null),
      plan.certificate_no ? Getu.ask(kit.address(code, "/certificate")).catch(() => null) : null,
    ]);
    if (mine !== turn) return;
    life.one = { ...row, ...plan };
    life.findings = findings;
    life.certificate = certificate;
    life.draw();
  };
  life.choose = async function (code, show) {
    life.code = code;
    Getu.state.write({ plan: code });
    drawList();
    if (show) Getu.find("#part-life").dataset.view = "one";
    delete document.documentElement.dataset.plan;
    try {
      await life.read(code);
      if (show && innerWidth <= 860) Getu.find("#plan-title").focus();
    } catch (error) {
      Getu.find("#life-one").replaceChildren(kit.why(error));
    }
  };
  /* After an act: the list and the plan again, and the word of what was done. */
  life.again = async function (words, code) {
    await kit.loadPlans();
    const next = code === undefined ? life.code : code;
    if (next && kit.plan(next)) await life.choose(next);
    else {
      life.code = "";
      life.one = null;
      drawList();
      const first = kit.plans[0];
      first ? await life.choose(first.code) : life.draw();
    }
    if (words) kit.toast(words);
    Getu.tellAsOf();
  };

  Getu.parts = Getu.parts || {};
  Getu.parts.life = async function (place) {
    place.dataset.view = "list";
    place.replaceChildren(el("section.card", { id: "life-list", "aria-label": say("plans_list") }), el("div", { id: "life-one" }, el("div.card", {}, kit.bones())));
    drawList();
    const asked = Getu.state.read().plan;
    const first = kit.plan(asked) || kit.plans.find(life.open) || kit.plans[0];
    if (first) await life.choose(first.code);
    else life.draw();
  };
})();
