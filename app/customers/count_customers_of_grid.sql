-- How many customers of these kinds stand in a grid?
SELECT count(*) FROM assignment a
JOIN customer c ON c.id = a.customer_id
WHERE a.grid_id = :grid_id
    AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
    AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
    AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
    AND (CAST(:kind AS text) IS NULL OR c.kind = :kind)
    AND (CAST(:visited_since AS date) IS NULL OR c.last_visit_on >= :visited_since)
    AND (CAST(:unvisited_since AS date) IS NULL OR c.last_visit_on IS NULL OR c.last_visit_on < :unvisited_since)
    AND (CAST(:pointed AS boolean) IS NULL OR (a.geom IS NOT NULL) = :pointed)
