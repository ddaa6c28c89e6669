-- The strategic and key clients of a grid, largest loan first.
SELECT c.id, c.name, c.kind, c.tier, c.lead_level, c.loan_yuan, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat
FROM assignment a JOIN customer c ON c.id = a.customer_id
WHERE a.grid_id = :grid_id AND a.tier IN ('strategic', 'key')
ORDER BY a.tier DESC, c.loan_yuan DESC NULLS LAST, c.id LIMIT 20
