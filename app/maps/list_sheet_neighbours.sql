-- Official units around the sheet's grids that belong to others: grey ground for orientation.
WITH sheet AS (
    SELECT ST_Expand(ST_Extent(g.geom)::geometry, 0.03) AS box, array_agg(DISTINCT unit_code) AS own
    FROM grid g LEFT JOIN branch b ON b.id = g.branch_id, unnest(g.unit_codes) AS unit_code
    WHERE g.plan_id = :plan_id AND g.level = 3 AND (CAST(:branch AS text) IS NULL OR b.code = :branch)
)
SELECT u.name, ST_AsBinary(u.geom) AS geom
FROM unit u, sheet
WHERE u.kind IN ('village', 'community') AND u.valid @> current_date AND NOT u.code = ANY (sheet.own)
    AND u.geom && ST_SetSRID(sheet.box, 4326) AND ST_Intersects(u.geom, ST_SetSRID(sheet.box, 4326))
ORDER BY u.code
