-- Which villages of this tile have no rival's outlet near their middle and few customers of ours? The classes of list_rivalry.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), rivals AS MATERIALIZED (
    SELECT f.geom FROM map_feature f JOIN map_layer l ON l.id = f.layer_id WHERE l.meaning = 'competitors'
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(u.geom, 3857), tile.box, 4096, 64, true) AS geom, u.id, u.code, u.name, u.households,
        COALESCE(v.existing, 0) AS existing,
        CASE WHEN NOT EXISTS (SELECT 1 FROM rivals) THEN 'unloaded'
        WHEN COALESCE(u.households, 0) < :fewest OR NOT EXISTS (SELECT 1 FROM village_count) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM rivals r WHERE r.geom && ST_Expand(ST_PointOnSurface(u.geom), 0.05)
            AND ST_DWithin(r.geom::geography, ST_PointOnSurface(u.geom)::geography, :far_m)) THEN 'near'
        WHEN COALESCE(v.existing, 0) < u.households * CAST(:low AS float8) THEN 'open' ELSE 'far' END AS rivalry
    FROM tile, unit u LEFT JOIN village_count v ON v.unit_code = u.code
    WHERE u.kind IN ('village', 'community', 'street') AND u.valid @> current_date
        AND u.geom && tile.bounds AND ST_Intersects(u.geom, tile.bounds)
    ORDER BY u.area_m2 DESC
)
SELECT ST_AsMVT(shapes, 'rivalry', 4096, 'geom', 'id') FROM shapes WHERE geom IS NOT NULL;
