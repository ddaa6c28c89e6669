-- How do these offers stand, with their grid as it is now and who answered them?
SELECT a.id, a.grid_id, a.step, a.role, a.state, a.branch_id, a.staff_id, a.valid_from, a.reason, a.former_branch_id,
       a.answered_at, u.name AS answered_name, g.code, g.name, g.branch_id AS grid_branch_id, b.code AS grid_branch_code
FROM allotment a
JOIN grid g ON g.id = a.grid_id
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN app_user u ON u.id = a.answered_by
WHERE a.id = ANY (CAST(:ids AS bigint[]))
ORDER BY g.code COLLATE "C", a.id
