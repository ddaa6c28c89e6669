-- Which offers of a plan in sight have these numbers, or belong to this batch?
SELECT a.id, a.batch, a.step, a.role, a.state, a.branch_id, a.staff_id, g.code, g.name
FROM allotment a JOIN grid g ON g.id = a.grid_id
WHERE a.plan_id = :plan_id
  AND (a.id = ANY (CAST(:ids AS bigint[])) OR a.batch = CAST(:batch AS bigint))
ORDER BY g.code COLLATE "C", a.id
