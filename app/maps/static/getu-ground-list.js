/* Getu 格图 · the left column: which plan, whether it may be certified, what is wrong, what can be done at once. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, icon, say, number } = Getu;
  const config = Getu.config;
  const PAGE = 200;
  let listed = PAGE;

  function drawPlans() {
    const option = (one) => el("option", { value: one.code, selected: one.code === config.plan.code }, one.code + " " + config.words["g_plan_" + one.status] + "·" + one.name);
    return el("select.input.small.plan-pick", { id: "plan-pick", "aria-label": say("g_choose_plan"), onchange: (event) => location.assign("/ground?plan=" + encodeURIComponent(event.target.value)) }, config.plans.map(option));
  }
  function drawExport() {
    const formats = ["shapefile", "geopackage", "geojson", "kml", "xlsx"];
    const kind = Getu.desk.kind ? "&kind=" + Getu.desk.kind : "";
    const link = (format) => el("li", {}, el("a", { href: Getu.desk.base + "/findings/export?format=" + format + kind, download: true, onclick: () => (Getu.find("#export").open = false) }, say("g_format_" + format)));
    return el("details.menu", { id: "export" }, el("summary.btn", {}, icon("download"), say("g_export")), el("ul.card.float", {}, formats.map(link)));
  }
  Getu.drawPlanHead = function (desk) {
    const when = desk.checkedAt ? say("g_checked_at", { at: Getu.when(desk.checkedAt) }) : say("g_never_checked");
    const facts = [say(config.whole ? "g_grids_n" : "g_my_grids_n", { n: number(config.whole ? desk.grids : Getu.grids.size()) }), when, desk.fresh === false ? say("g_stale") : null].filter(Boolean).join("·");
    Getu.find("#plan-head").replaceChildren(el("div.between", {}, el("div.grow", {}, el("div.cap", {}, say("grid_planning") + " / " + say("g_plan_" + config.plan.status) + " " + config.plan.code), el("h1", {}, say("g_title"))), drawExport()), drawPlans(), el("div.cap", { id: "plan-facts" }, facts));
  };

  /* May the certificate be issued? What stands in its way is said with numbers. */
  Getu.drawCertificate = function (desk) {
    const place = Getu.find("#certificate");
    const must = desk.rows0.filter((row) => row.state === "open" && row.severity === "must_fix").length;
    const confirm = desk.rows0.filter((row) => row.state === "open" && row.severity === "confirm").length;
    const told = (look, sign, title, why, act) => place.replaceChildren(el("div.note." + look, {}, icon(sign), el("div.grow", {}, el("b", {}, title), why ? el("div.sec", {}, why) : null), act || null));
    const plan = desk.plan || {};
    if (plan.certificate_no) return told("ok", "shield", say("g_certified", { no: plan.certificate_no }), null, el("a.btn", { href: desk.base + "/certificate.pdf", id: "certificate-pdf" }, "PDF"));
    if (must || confirm) return told("warn", "shield", say("g_not_yet_certified"), [must ? say("g_left_must", { n: number(must) }) : "", confirm ? say("g_left_confirm", { n: number(confirm) }) : ""].filter(Boolean).join(say("g_comma")));
    if (desk.fresh === false || !desk.checkedAt) return told("warn", "shield", say("g_not_yet_certified"), say("g_check_first"));
    if (!config.whole && !Getu.grids.size()) return place.replaceChildren();
    if (config.may_plan && config.whole) return told("ok", "shield", say("g_ready_certify"), null, el("button.btn.pri", { type: "button", id: "certify", onclick: () => desk.certify() }, say("g_certify")));
    return told("ok", "shield", say(config.whole ? "g_ready_certify" : "g_mine_clean"));
  };

  function chip(desk, kind, count) {
    return el("button.chip", { type: "button", "data-kind": kind, "aria-pressed": String(desk.kind === kind), onclick: () => desk.filter(desk.kind === kind ? "" : kind) }, kind === "notices" ? say("g_notices") : kind ? say("finding_" + kind) : say("g_all"), " ", el("b", {}, number(count)));
  }
  Getu.drawChips = function (desk) {
    const counts = {};
    for (const row of desk.rows0) counts[row.kind] = (counts[row.kind] || 0) + 1;
    const of = (group) => config.checks.filter((check) => check.group === group && counts[check.kind]).map((check) => chip(desk, check.kind, counts[check.kind]));
    const notices = of("notice");
    const sum = desk.rows0.filter((row) => row.group === "notice").length;
    if (notices.length > 1) notices.unshift(chip(desk, "notices", sum));
    Getu.find("#chips").replaceChildren(...[chip(desk, "", desk.rows0.length - sum), ...of("ground"), notices.length ? el("span.chip-sep", { title: say("g_notices") }) : null, ...notices].filter(Boolean));
  };

  function drawRow(row, at, desk) {
    const [look, words] = Getu.severityOf(row);
    const now = at === desk.at;
    const mine = Getu.mayMend(row);
    const facts = { type: "button", "data-id": row.id, "aria-current": String(now), tabindex: at === Math.max(desk.at, 0) ? "0" : "-1", title: mine === true ? null : mine, onclick: () => desk.open(at, { show: true }) };
    const size = row.group === "notice" ? "" : Getu.areaOf(row.area_m2);
    return el("button.finding" + (mine === true ? "" : ".not-mine"), facts, Getu.kindSign(row), el("span.what", {}, el("span.ttl", {}, Getu.titleOf(row)), el("span.sub", {}, Getu.factsOf(row))), el("span.end", {}, el("span.size", {}, size), el("span.badge" + (look ? "." + look : ""), {}, words)));
  }
  function drawEmpty(desk) {
    if (desk.kind) return el("div.empty", {}, icon("search"), el("b", {}, say("g_nothing_of_kind")), el("button.btn", { type: "button", onclick: () => desk.filter("") }, say("g_show_all")));
    if (!config.whole && !Getu.grids.size()) return el("div.empty", {}, icon("info"), el("b", {}, say("g_none_of_mine")), el("span", {}, say("g_none_of_mine_why")));
    if (desk.fresh === false || !desk.checkedAt) return el("div.empty", {}, icon("info"), el("b", {}, say("g_not_checked")), el("span", {}, say("g_not_checked_why")));
    const notices = desk.rows0.length ? el("button.btn", { type: "button", id: "see-notices", onclick: () => desk.filter("notices") }, say("g_see_notices", { n: number(desk.rows0.length) })) : null;
    return el("div.empty.calm", {}, icon("check"), el("b", {}, say("g_no_findings")), el("span", {}, say(config.whole ? "g_no_findings_why" : "g_mine_clean", { n: number(desk.grids) })), notices);
  }
  Getu.drawFindings = function (desk, keep) {
    const place = Getu.find("#findings");
    const scrolled = keep ? place.scrollTop : 0;
    if (!keep) listed = PAGE;
    if (desk.at >= listed) listed = desk.at + PAGE;
    const shown = desk.rows.slice(0, listed).map((row, at) => drawRow(row, at, desk));
    if (desk.rows.length > listed) shown.push(el("button.btn.more-rows", { type: "button", onclick: () => ((listed += PAGE), Getu.drawFindings(desk, true)) }, say("g_more_rows", { n: number(desk.rows.length - listed) })));
    place.replaceChildren(...(shown.length ? shown : [drawEmpty(desk)]));
    place.removeAttribute("aria-busy");
    place.scrollTop = scrolled;
    Getu.drawListFoot(desk);
  };
  Getu.drawListFoot = function (desk) {
    const slivers = desk.rows0.filter((row) => row.kind === "sliver" && row.state === "open").length;
    const batch = el("button.btn.grow", { type: "button", id: "clean", disabled: !slivers || !config.may_plan, title: config.may_plan ? null : say("g_only_head"), onclick: () => Getu.openClean(["sliver"]) }, slivers ? say("g_clean_n", { n: number(slivers) }) : say("g_clean"));
    const check = el("button.btn.grow", { type: "button", id: "recheck", disabled: !config.may_check || desk.checking, title: config.may_check ? null : say("g_only_head"), onclick: () => desk.recheck() }, say(desk.checking ? "g_checking" : "g_recheck"));
    const more = config.may_plan && desk.rows0.some((row) => row.group !== "notice" && row.state === "open") ? el("button.btn.icon", { type: "button", id: "clean-all", title: say("g_clean_plan"), "aria-label": say("g_clean_plan"), onclick: () => Getu.openClean(null) }, icon("layers")) : null;
    Getu.find("#list-foot").replaceChildren(...[batch, check, more].filter(Boolean));
  };
  Getu.markFinding = function (desk, focus) {
    const rows = document.querySelectorAll("#findings .finding");
    if (desk.at >= rows.length && desk.at < desk.rows.length) return Getu.drawFindings(desk, true), Getu.markFinding(desk, focus);
    rows.forEach((row, at) => {
      row.setAttribute("aria-current", String(at === desk.at));
      row.tabIndex = at === Math.max(desk.at, 0) ? 0 : -1;
      if (at !== desk.at) return;
      row.scrollIntoView({ block: "nearest" });
      if (focus) row.focus({ preventScroll: true });
    });
  };

  /* true, or the reason why this person cannot mend a finding. */
  Getu.mayMend = function (row) {
    if (!config.may_plan && !config.may_divide) return say(config.plan.status === "draft" || config.plan.status === "checked" ? "g_read_only" : "g_closed");
    if (config.whole) return true;
    const away = (row.grid_ids || []).map((id, at) => (Getu.grids.find(id) ? null : (row.names || [])[at])).filter(Boolean);
    return away.length ? say("g_not_mine", { names: away.join("、") }) : true;
  };
})();
