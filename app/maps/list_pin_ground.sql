-- The viewer's grids of the plan in force and the villages round them, outlines to about 3 m: a sketch for a phone.
WITH own AS (
    SELECT g.id, g.code, g.name, g.unit_codes, g.geom
    FROM grid g JOIN plan p ON p.id = g.plan_id
    WHERE p.status = 'in_force' AND p.valid @> current_date AND g.level = 3
), box AS (
    SELECT ST_Expand(ST_SetSRID(ST_Extent(geom)::geometry, 4326), 0.03) AS geom FROM own
), shapes AS (
    SELECT id AS grid_id, code, name, geom FROM own
    UNION ALL
    SELECT NULL, u.code, u.name, u.geom FROM unit u JOIN box ON u.geom && box.geom
    WHERE u.kind IN ('village', 'community', 'street') AND u.valid @> current_date
        AND NOT EXISTS (SELECT 1 FROM own WHERE u.code = ANY (own.unit_codes))
)
SELECT grid_id, code, name, ST_AsGeoJSON(ST_SimplifyPreserveTopology(geom, 0.00003), 5) AS shape
FROM shapes ORDER BY grid_id NULLS FIRST, code
