-- What does the assignment need to know of these customers, and where do they stand now?
SELECT p.customer_id, p.rung, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
    coalesce(hashtextextended(p.unit_code, 0), 0) AS unit, c.gone_at IS NOT NULL AS gone,
    a.customer_id IS NOT NULL AS known, a.grid_id
FROM placement p JOIN customer c ON c.id = p.customer_id
LEFT JOIN assignment a ON a.customer_id = p.customer_id
WHERE p.customer_id = ANY(CAST(:ids AS bigint[]))
ORDER BY p.customer_id
