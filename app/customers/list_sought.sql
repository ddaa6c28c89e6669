-- These customers, as far as they are in the viewer's sight: name, sealed telephone, key of their grid, point.
SELECT c.id, c.source_code, c.source_key, c.name, c.kind, c.tier, c.phone_enc, a.grid_key, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat
FROM customer c JOIN assignment_row a ON a.customer_id = c.id
WHERE c.id = ANY(CAST(:ids AS bigint[])) AND c.gone_at IS NULL
