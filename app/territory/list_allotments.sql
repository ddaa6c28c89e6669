-- The offers of a plan in sight, of one state or all, the newest first, with grid, branches and person.
SELECT a.id, a.batch, a.step, a.role, a.state, a.branch_id, a.staff_id, a.valid_from, a.reason, a.offered_by, a.offered_at,
       a.answered_by, a.answered_at, a.answer_reason, g.id AS grid_id, g.code AS grid_code, g.name AS grid_name,
       g.kind AS grid_kind, g.town_name AS grid_town, g.households AS grid_households, g.allotted,
       b.code AS branch_code, b.name AS branch_name, f.code AS former_code, f.name AS former_name,
       s.code AS staff_code, s.name AS staff_name
FROM allotment a
JOIN grid g ON g.id = a.grid_id
JOIN branch b ON b.id = a.branch_id
LEFT JOIN branch f ON f.id = a.former_branch_id
LEFT JOIN staff s ON s.id = a.staff_id
WHERE a.plan_id = :plan_id AND (CAST(:state AS text) IS NULL OR a.state = :state)
ORDER BY a.batch DESC, g.code COLLATE "C", a.id
