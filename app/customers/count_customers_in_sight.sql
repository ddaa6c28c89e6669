-- How many customers of these kinds stand in some grids in sight (of an official place)? By standing, rung and tier.
SELECT count(*) AS total, count(*) FILTER (WHERE a.standing = 'existing') AS existing,
    count(*) FILTER (WHERE a.standing = 'prospect') AS prospects, count(*) FILTER (WHERE a.tier = 'strategic') AS strategic,
    count(*) FILTER (WHERE a.tier = 'key') AS key, count(a.geom) AS pointed,
    ARRAY[count(*) FILTER (WHERE a.rung = 1), count(*) FILTER (WHERE a.rung = 2), count(*) FILTER (WHERE a.rung = 3),
        count(*) FILTER (WHERE a.rung = 4), count(*) FILTER (WHERE a.rung = 5), count(*) FILTER (WHERE a.rung = 6),
        count(*) FILTER (WHERE a.rung = 0)] AS rungs
FROM assignment a
WHERE a.grid_id = ANY (CAST(:grid_ids AS bigint[]))
    AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
    AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
    AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
    AND (CAST(:pointed AS boolean) IS NULL OR (a.geom IS NOT NULL) = :pointed)
    AND (CAST(:unit_code AS text) IS NULL
        OR EXISTS (SELECT 1 FROM placement q WHERE q.customer_id = a.customer_id AND q.unit_code = :unit_code))
    AND (coalesce(CAST(:kind AS text), CAST(CAST(:visited_since AS date) AS text),
            CAST(CAST(:unvisited_since AS date) AS text), CAST(CAST(:filed AS boolean) AS text)) IS NULL
        OR EXISTS (SELECT 1 FROM customer k WHERE k.id = a.customer_id
            AND (CAST(:kind AS text) IS NULL OR k.kind = :kind)
            AND (CAST(:filed AS boolean) IS NULL OR k.filed = :filed)
            AND (CAST(:visited_since AS date) IS NULL OR k.last_visit_on >= :visited_since)
            AND (CAST(:unvisited_since AS date) IS NULL OR k.last_visit_on IS NULL
                OR k.last_visit_on < :unvisited_since)))
