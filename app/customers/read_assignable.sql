-- What does the assignment need to know of these customers, and where do they stand in this run?
SELECT p.customer_id, p.rung, c.standing, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
    coalesce(hashtextextended(p.unit_code, 0), 0) AS unit,
    a.customer_id IS NOT NULL AS known, a.grid_id, a.method, a.rung AS old_rung, a.standing AS old_standing,
    a.geom IS NOT NULL AS old_located
FROM placement p JOIN customer c ON c.id = p.customer_id
LEFT JOIN assignment a ON a.customer_id = p.customer_id
WHERE p.customer_id = ANY(CAST(:ids AS bigint[]))
ORDER BY p.customer_id
