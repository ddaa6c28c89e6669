-- How many managers and branches hold the drawn plan's grids in sight?
SELECT count(DISTINCT d.staff_id) AS managers, count(DISTINCT g.branch_id) AS branches
FROM grid g LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
WHERE g.plan_id = :plan_id AND g.level = 3
