-- Which managers hold grids of the drawn plan, in which branch, and where is their ground?
SELECT s.id, s.code, s.name, g.branch_id, count(*) AS grids, min(ST_XMin(g.geom)) AS west, min(ST_YMin(g.geom)) AS south,
    max(ST_XMax(g.geom)) AS east, max(ST_YMax(g.geom)) AS north
FROM grid g
JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
JOIN staff s ON s.id = d.staff_id
WHERE g.plan_id = :plan_id AND g.level = 3
GROUP BY s.id, s.code, s.name, g.branch_id ORDER BY s.code;
