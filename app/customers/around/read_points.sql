-- Which customers in sight have a point in this box (degrees), where do they stand and how are they marked?
-- Who is gone stands nowhere, so that nobody's own row need be looked at. A mark is of rung, kind (none told
-- here), tier and standing; points are pairs of little-endian doubles.
SELECT array_agg(a.customer_id), string_agg(substr(ST_AsBinary(a.geom, 'NDR'), 6), ''),
    array_agg(CAST(a.rung * 24 + CASE a.tier WHEN 'regular' THEN 0 WHEN 'key' THEN 2 ELSE 4 END
        + CASE a.standing WHEN 'existing' THEN 0 ELSE 1 END AS int2))
FROM assignment_row a
WHERE a.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
    AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
    AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
    AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
