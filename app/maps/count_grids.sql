-- How many grids, managers and branches hold ground in the drawn plan, as this viewer sees it?
SELECT count(DISTINCT g.id) AS grids, count(DISTINCT g.id) FILTER (WHERE g.kind = 'village') AS villages,
    count(DISTINCT g.id) FILTER (WHERE g.kind IN ('community', 'street')) AS communities,
    count(DISTINCT g.id) FILTER (WHERE g.kind NOT IN ('village', 'community', 'street')) AS markets,
    count(DISTINCT d.staff_id) AS managers, count(DISTINCT g.branch_id) AS branches,
    count(DISTINCT g.id) FILTER (WHERE d.staff_id IS NULL) AS unheld, count(DISTINCT g.town_code) AS towns
FROM grid g
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
WHERE g.plan_id = :plan_id AND g.level = 3;
