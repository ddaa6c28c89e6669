-- Which customers' names begin so, in whose grid do they stand?
SELECT c.id, c.name, c.kind, c.tier, g.id AS grid_id, g.name AS grid_name, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat
FROM customer c JOIN assignment a ON a.customer_id = c.id LEFT JOIN grid g ON g.id = a.grid_id
WHERE c.name LIKE :begins
ORDER BY c.tier <> 'strategic', c.tier <> 'key', c.name LIMIT :limit
