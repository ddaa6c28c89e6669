-- Which assignment run stands, on which ground?
SELECT r.id, r.plan_id, p.code AS plan_code, p.ground_version, r.total, r.assigned, r.contested, r.outside, r.unlocated,
    r.by_method, r.unassigned
FROM assignment_run r JOIN plan p ON p.id = r.plan_id WHERE r.current
