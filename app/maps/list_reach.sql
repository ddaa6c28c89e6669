-- Which villages and communities have no house of the bank near their middle and few customers? One row each.
SELECT COALESCE(u.households, 0) AS households,
    CASE WHEN COALESCE(u.households, 0) < :fewest OR NOT EXISTS (SELECT 1 FROM village_count)
            OR NOT EXISTS (SELECT 1 FROM branch WHERE geom IS NOT NULL) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM branch b WHERE b.geom && ST_Expand(ST_PointOnSurface(u.geom), 0.05)
            AND ST_DWithin(b.geom::geography, ST_PointOnSurface(u.geom)::geography, :far_m)) THEN 'near'
        WHEN COALESCE(v.existing, 0) < u.households * CAST(:low AS float8) THEN 'white' ELSE 'far' END AS reach
FROM unit u LEFT JOIN village_count v ON v.unit_code = u.code
WHERE u.kind IN ('village', 'community', 'street') AND u.valid @> current_date;
