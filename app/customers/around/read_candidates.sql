-- Which customers in sight have a point in this box (degrees), of these kinds and visits, and how are they
-- marked? As read_points.sql, with the kind in the mark, which the customer's own row has.
SELECT array_agg(a.customer_id), string_agg(substr(ST_AsBinary(a.geom, 'NDR'), 6), ''),
    array_agg(CAST(a.rung * 24
        + CASE c.kind WHEN 'person' THEN 0 WHEN 'household' THEN 6 WHEN 'firm' THEN 12 ELSE 18 END
        + CASE a.tier WHEN 'regular' THEN 0 WHEN 'key' THEN 2 ELSE 4 END
        + CASE a.standing WHEN 'existing' THEN 0 ELSE 1 END AS int2))
FROM assignment_row a
JOIN customer c ON c.id = a.customer_id
WHERE a.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) AND c.gone_at IS NULL
    AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
    AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
    AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
    AND (CAST(:kind AS text) IS NULL OR c.kind = :kind)
    AND (CAST(:filed AS boolean) IS NULL OR c.filed = :filed)
    AND (CAST(:visited_since AS date) IS NULL OR c.last_visit_on >= :visited_since)
    AND (CAST(:unvisited_since AS date) IS NULL OR c.last_visit_on IS NULL OR c.last_visit_on < :unvisited_since)
