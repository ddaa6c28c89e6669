-- Which branches hold grids of the drawn plan, and where is their ground?
SELECT b.id, b.code, b.name, count(*) AS grids, min(ST_XMin(g.geom)) AS west, min(ST_YMin(g.geom)) AS south,
    max(ST_XMax(g.geom)) AS east, max(ST_YMax(g.geom)) AS north
FROM grid g JOIN branch b ON b.id = g.branch_id
WHERE g.plan_id = :plan_id AND g.level = 3
GROUP BY b.id, b.code, b.name ORDER BY b.code;
