-- All level 3 grids of a plan in sight with every primary duty that stands, and of which branch its holder is.
SELECT g.id AS grid_id, g.code AS grid_code, g.name AS grid_name, b.code AS branch_code, b.name AS branch_name,
       d.staff_id, lower(d.valid) AS begins, upper(d.valid) AS ends, d.reason, s.code AS staff_code, s.name AS staff_name,
       s.active, h.code AS staff_branch
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND NOT isempty(d.valid)
LEFT JOIN staff s ON s.id = d.staff_id
LEFT JOIN branch h ON h.id = s.branch_id
WHERE g.plan_id = :plan_id AND g.level = 3
ORDER BY g.code COLLATE "C", lower(d.valid)
