-- Which customers in sight have a point in this box (degrees), where do they stand and of which kinds are they?
-- Gathered into columns, a few million customers a row.
SELECT array_agg(a.customer_id), array_agg(ST_X(a.geom)), array_agg(ST_Y(a.geom)), array_agg(a.rung),
    array_agg(CAST(CASE c.kind WHEN 'person' THEN 0 WHEN 'household' THEN 1 WHEN 'firm' THEN 2 ELSE 3 END AS int2)),
    array_agg(CAST(CASE a.tier WHEN 'regular' THEN 0 WHEN 'key' THEN 1 ELSE 2 END AS int2)),
    array_agg(CAST(CASE a.standing WHEN 'existing' THEN 0 ELSE 1 END AS int2))
FROM assignment a
JOIN customer c ON c.id = a.customer_id
WHERE a.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) AND c.gone_at IS NULL
    AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
    AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
    AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
    AND (CAST(:kind AS text) IS NULL OR c.kind = :kind)
    AND (CAST(:visited_since AS date) IS NULL OR c.last_visit_on >= :visited_since)
    AND (CAST(:unvisited_since AS date) IS NULL OR c.last_visit_on IS NULL OR c.last_visit_on < :unvisited_since)
GROUP BY a.customer_id / 2000000
