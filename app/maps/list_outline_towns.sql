-- Which units make the towns, which town is each of, and what is its outline (EPSG:3857)?
-- Towns are unit rows where the bank sent them, else their villages and communities.
SELECT u.id, coalesce(u.town_code, u.code) AS code, coalesce(u.town_name, u.name) AS name,
    ST_AsBinary(ST_Transform(u.geom, 3857)) AS shape
FROM unit u
WHERE u.valid @> current_date AND CAST(:plan_id AS bigint) IS NOT NULL AND (u.kind = 'town'
    OR u.kind IN ('village', 'community', 'street') AND u.town_code IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM unit t WHERE t.kind = 'town' AND t.valid @> current_date))
ORDER BY u.id;
