-- Which customers in sight have a point in this box (degrees), where do they stand and of which kinds are they?
SELECT a.customer_id, ST_X(a.geom), ST_Y(a.geom), a.rung,
    CASE c.kind WHEN 'person' THEN 0 WHEN 'household' THEN 1 WHEN 'firm' THEN 2 ELSE 3 END,
    CASE a.tier WHEN 'regular' THEN 0 WHEN 'key' THEN 1 ELSE 2 END,
    CASE a.standing WHEN 'existing' THEN 0 ELSE 1 END
FROM assignment a
JOIN customer c ON c.id = a.customer_id
WHERE a.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) AND c.gone_at IS NULL
    AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
    AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
    AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
    AND (CAST(:kind AS text) IS NULL OR c.kind = :kind)
    AND (CAST(:visited_since AS date) IS NULL OR c.last_visit_on >= :visited_since)
    AND (CAST(:unvisited_since AS date) IS NULL OR c.last_visit_on IS NULL OR c.last_visit_on < :unvisited_since)
