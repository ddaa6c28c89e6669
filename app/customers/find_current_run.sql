-- Which assignment run stands, on which ground (`ground_version` of the plan now, `run_version` when it was assigned)?
SELECT r.id, r.plan_id, p.code AS plan_code, p.ground_version, r.ground_version AS run_version, r.kind, r.before_id,
    r.reassigned, r.total, r.assigned, r.contested, r.outside, r.unlocated, r.by_method, r.unassigned
FROM assignment_run r JOIN plan p ON p.id = r.plan_id WHERE r.current
