-- How many customers in sight have no point, but a village that reaches into this ring?
SELECT count(*) FROM (
    SELECT u.code FROM unit u
    WHERE u.kind IN ('village', 'community') AND u.valid @> current_date
        AND u.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
        AND ST_DWithin(CAST(u.geom AS geography),
            CAST(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geography), :radius_m)
) v
JOIN placement p ON p.unit_code = v.code AND p.geom IS NULL
JOIN assignment a ON a.customer_id = p.customer_id
JOIN customer c ON c.id = p.customer_id
WHERE c.gone_at IS NULL
    AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
    AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
    AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
    AND (CAST(:kind AS text) IS NULL OR c.kind = :kind)
    AND (CAST(:filed AS boolean) IS NULL OR c.filed = :filed)
    AND (CAST(:visited_since AS date) IS NULL OR c.last_visit_on >= :visited_since)
    AND (CAST(:unvisited_since AS date) IS NULL OR c.last_visit_on IS NULL OR c.last_visit_on < :unvisited_since)
