-- How many customers of these kinds stand in a grid?
SELECT count(*) FROM assignment a
WHERE a.grid_id = :grid_id
    AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
    AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
    AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
    AND (CAST(:pointed AS boolean) IS NULL OR (a.geom IS NOT NULL) = :pointed)
    AND (coalesce(CAST(:kind AS text), CAST(CAST(:visited_since AS date) AS text),
            CAST(CAST(:unvisited_since AS date) AS text), CAST(CAST(:filed AS boolean) AS text)) IS NULL
        OR EXISTS (SELECT 1 FROM customer k WHERE k.id = a.customer_id
            AND (CAST(:kind AS text) IS NULL OR k.kind = :kind)
            AND (CAST(:filed AS boolean) IS NULL OR k.filed = :filed)
            AND (CAST(:visited_since AS date) IS NULL OR k.last_visit_on >= :visited_since)
            AND (CAST(:unvisited_since AS date) IS NULL OR k.last_visit_on IS NULL
                OR k.last_visit_on < :unvisited_since)))
