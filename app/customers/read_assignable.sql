-- What does the assignment need to know of these customers, and in which grid of the run's plan do they stand now?
SELECT p.customer_id, p.rung, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
    coalesce(hashtextextended(p.unit_code, 0), 0) AS unit, c.gone_at IS NOT NULL AS gone,
    a.customer_id IS NOT NULL AS known, g.id AS grid_id
FROM placement p JOIN customer c ON c.id = p.customer_id
LEFT JOIN assignment_row a ON a.customer_id = p.customer_id
LEFT JOIN grid g ON g.key_id = a.grid_key AND g.plan_id = (SELECT plan_id FROM assignment_run WHERE current)
WHERE p.customer_id = ANY(CAST(:ids AS bigint[]))
ORDER BY p.customer_id
