/* Getu 格图 · the acts in a plan's life: check, certify, approve, publish, rename, delete; each refusal with its reason. */
(function () {
  "use strict";
  const Getu = window.Getu;
  const { el, say, number } = Getu;
  const kit = Getu.kit;
  const life = Getu.life;
  const acts = (Getu.acts = {});

  /* What comes next, for whom, and why it cannot be done yet. */
  acts.next = function (plan) {
    const told = el("div", { id: "act-told" });
    const line = (words, ...buttons) => [el("p", {}, words), el("div.row.wrap", {}, buttons.filter(Boolean)), told];
    if (plan.status === "retired") return line(say("is_retired", { to: plan.valid_to || "—" }));
    const back = kit.may("plan_ground") ? kit.button(say("withdraw_approval"), (event) => kit.press(event.currentTarget, () => withdraw(plan), told), { id: "withdraw" }) : null;
    if (plan.state === "scheduled") return line(say("is_scheduled", { from: plan.valid_from }), allotLink(plan), back);
    if (plan.status === "in_force") return line(say("is_in_force", { from: plan.valid_from || "—" }), allotLink(plan));
    if (!kit.may("plan_ground")) return line(say("next_by_head"));
    if (plan.status === "approved") return line(say("next_publish"), publishButton(plan), back);
    const again = kit.button(say(plan.checked_version === null ? "check_now" : "check_again"), (event) => kit.press(event.currentTarget, () => check(plan, told), told), { id: "check", look: life.isChecked(plan) ? "" : "pri" });
    if (!life.isChecked(plan)) return line(say(plan.checked_version === null ? "next_check" : "next_recheck"), again);
    if (plan.certificate_no) {
      const own = [plan.created_by, plan.certified_by].includes(Getu.config.user_id);
      return line(say(own ? "next_approve_other" : "next_approve"), kit.button(say("approve"), (event) => kit.press(event.currentTarget, () => approve(plan), told), { id: "approve", look: own ? "" : "pri" }), allotLink(plan), again);
    }
    const left = life.leftOver();
    if (left === null) return line(say("findings_unread"), kit.button(say("retry"), () => life.again()));
    const certify = kit.button(say("certify"), (event) => kit.press(event.currentTarget, () => issue(plan), told), { id: "certify", look: left ? "" : "pri" });
    if (left) return line(say("next_mend", { n: number(left) }), el("a.btn.pri", { href: "/ground?plan=" + encodeURIComponent(plan.code) }, say("open_findings")), certify, again);
    return line(say("next_certify"), certify, again);
  };
  const allotLink = (plan) => (Getu.config.tabs.includes("allot") ? kit.button(say("to_allot"), () => Getu.openTab("allot", { plan: plan.code }), { id: "to-allot" }) : null);

  async function check(plan, told) {
    const job = await Getu.send(kit.address(plan.code, "/check"));
    const shown = Getu.drawProgress(null);
    told.replaceChildren(shown.card);
    shown.tell(job);
    const end = await Getu.follow(job.id, shown.tell);
    if (end.status !== "done") throw Object.assign(new Error(Getu.problem(end.error, say("job_failed"))), { body: end.error });
    await life.again(say("checked_done"));
  }
  async function issue(plan) {
    const certificate = await Getu.send(kit.address(plan.code, "/certificate"));
    await life.again(say("certified_done", { no: certificate.number || "" }));
  }
  async function approve(plan) {
    await Getu.send(kit.address(plan.code, "/approve"));
    await life.again(say("approved_done", { plan: plan.code }));
  }
  async function withdraw(plan) {
    await Getu.send(kit.address(plan.code, "/withdraw"));
    await life.again(say("withdrawn_approval", { plan: plan.code }));
  }
  function publishButton(plan) {
    return kit.button(say("publish"), () => {
      const day = el("input.input", { type: "date", id: "valid-from", value: kit.inDays(1), required: true });
      const now = kit.inForce();
      const told = el("p.cap", {}, now ? say("publish_ends", { plan: now.code }) : say("publish_first"));
      kit.dialog(say("publish_q", { plan: plan.code }), el("div.body.col", { style: "gap:12px" }, kit.field(say("valid_from"), day), told), {
        go: say("publish"),
        async submit() {
          if (!day.value) throw new Error(say("say_day"));
          const done = await Getu.send(kit.address(plan.code, "/publish"), { valid_from: day.value });
          await life.again(say(done.state === "scheduled" ? "scheduled_done" : "published_done", { plan: plan.code, from: day.value }) + (done.assigning ? "·" + say("assigning") : ""));
        },
      });
    }, { id: "publish", look: "pri" });
  }
  const call = (method, address, body) => Getu.ask(address, { method, headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": Getu.config.csrf }, body: body === undefined ? undefined : JSON.stringify(body) });

  acts.rename = function (plan) {
    const name = el("input.input", { id: "new-name", value: plan.name, maxlength: "80", required: true });
    kit.dialog(say("rename_q", { plan: plan.code }), el("div.body", {}, kit.field(say("plan_name"), name)), {
      go: say("save"),
      async submit() {
        if (!name.value.trim()) throw new Error(say("say_name"));
        await call("PATCH", kit.address(plan.code), { name: name.value.trim() });
        await life.again(say("renamed_done"));
      },
    });
  };
  acts.remove = function (plan) {
    kit.dialog(say("delete_q", { plan: plan.code }), el("div.body.col", { style: "gap:8px" }, el("p", {}, say("delete_bill", { n: number(plan.grids), k: number(plan.step_no || 0) })), el("p.cap", {}, say("delete_final"))), {
      go: say("delete"),
      async submit() {
        await call("DELETE", kit.address(plan.code));
        await life.again(say("deleted_done", { plan: plan.code }), "");
      },
    });
  };
  acts.call = call;
})();
