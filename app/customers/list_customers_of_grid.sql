-- Which customers of these kinds stand in a grid, a page at a time in order of id?
SELECT c.id, c.source_code, c.source_key, c.kind, c.standing, c.name, c.phone_enc, c.id_card_enc, c.address, c.tier,
    c.lead_level, c.booking_branch_code, c.filed, c.last_visit_on, p.rung, p.score, p.method AS placed_by,
    g.id AS grid_id, g.code AS grid_code, g.name AS grid_name, g.town_name
FROM assignment a
JOIN customer c ON c.id = a.customer_id
JOIN placement p ON p.customer_id = a.customer_id
JOIN grid g ON g.id = a.grid_id
WHERE a.grid_id = :grid_id AND a.customer_id > :after
    AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
    AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
    AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
    AND (CAST(:kind AS text) IS NULL OR c.kind = :kind)
    AND (CAST(:visited_since AS date) IS NULL OR c.last_visit_on >= :visited_since)
    AND (CAST(:unvisited_since AS date) IS NULL OR c.last_visit_on IS NULL OR c.last_visit_on < :unvisited_since)
    AND (CAST(:pointed AS boolean) IS NULL OR (a.geom IS NOT NULL) = :pointed)
ORDER BY a.customer_id
LIMIT :limit
