-- Which villages of this tile have no house of the bank near their middle and few customers? The classes of list_reach.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(u.geom, 3857), tile.box, 4096, 64, true) AS geom, u.id, u.code, u.name, u.households,
        COALESCE(v.existing, 0) AS existing,
        CASE WHEN COALESCE(u.households, 0) < :fewest OR NOT EXISTS (SELECT 1 FROM village_count)
            OR NOT EXISTS (SELECT 1 FROM branch WHERE geom IS NOT NULL) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM branch b WHERE b.geom && ST_Expand(ST_PointOnSurface(u.geom), 0.05)
            AND ST_DWithin(b.geom::geography, ST_PointOnSurface(u.geom)::geography, :far_m)) THEN 'near'
        WHEN COALESCE(v.existing, 0) < u.households * CAST(:low AS float8) THEN 'white' ELSE 'far' END AS reach
    FROM tile, unit u LEFT JOIN village_count v ON v.unit_code = u.code
    WHERE u.kind IN ('village', 'community', 'street') AND u.valid @> current_date
        AND u.geom && tile.bounds AND ST_Intersects(u.geom, tile.bounds)
    ORDER BY u.area_m2 DESC
)
SELECT ST_AsMVT(shapes, 'whitespace', 4096, 'geom', 'id') FROM shapes WHERE geom IS NOT NULL;
