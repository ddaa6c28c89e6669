-- Which villages and communities have no rival's outlet near their middle and few customers of ours? One row each.
WITH rivals AS MATERIALIZED (
    SELECT f.geom FROM map_feature f JOIN map_layer l ON l.id = f.layer_id WHERE l.meaning = 'competitors'
)
SELECT COALESCE(u.households, 0) AS households,
    CASE WHEN NOT EXISTS (SELECT 1 FROM rivals) THEN 'unloaded'
        WHEN COALESCE(u.households, 0) < :fewest OR NOT EXISTS (SELECT 1 FROM village_count) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM rivals r WHERE r.geom && ST_Expand(ST_PointOnSurface(u.geom), 0.05)
            AND ST_DWithin(r.geom::geography, ST_PointOnSurface(u.geom)::geography, :far_m)) THEN 'near'
        WHEN COALESCE(v.existing, 0) < u.households * CAST(:low AS float8) THEN 'open' ELSE 'far' END AS rivalry
FROM unit u LEFT JOIN village_count v ON v.unit_code = u.code
WHERE u.kind IN ('village', 'community', 'street') AND u.valid @> current_date;
