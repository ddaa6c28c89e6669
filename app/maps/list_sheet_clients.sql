-- Strategic and key clients with a point on the sheet's grids, without names.
SELECT a.tier, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
JOIN assignment a ON a.grid_id = g.id AND a.tier IN ('strategic', 'key') AND a.geom IS NOT NULL
WHERE g.plan_id = :plan_id AND g.level = 3 AND (CAST(:branch AS text) IS NULL OR b.code = :branch)
ORDER BY a.customer_id
