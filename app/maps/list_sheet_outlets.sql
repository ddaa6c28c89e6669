-- Outlets standing on the sheet's grids.
SELECT DISTINCT o.name, ST_X(o.geom) AS lon, ST_Y(o.geom) AS lat
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
JOIN branch o ON o.geom && g.geom AND ST_Intersects(o.geom, g.geom)
WHERE g.plan_id = :plan_id AND g.level = 3 AND (CAST(:branch AS text) IS NULL OR b.code = :branch)
ORDER BY o.name
