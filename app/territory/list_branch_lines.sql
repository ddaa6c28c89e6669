-- The grids of a branch in a plan, with who is primary on a day.
SELECT p.id AS plan_id, p.code AS plan_code, p.status AS plan_status, g.id AS grid_id, g.code AS grid_code,
       g.name AS grid_name, g.town_name, g.branch_id, d.staff_id AS from_id
FROM grid g
JOIN plan p ON p.id = g.plan_id
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> CAST(:on AS date)
WHERE g.plan_id = :plan_id AND g.level = 3 AND g.branch_id = :branch_id
ORDER BY g.code COLLATE "C"
