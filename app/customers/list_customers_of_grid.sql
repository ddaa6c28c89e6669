-- Which customers of these kinds stand in a grid, a page at a time in order of id?
-- The page is cut before anybody is read: of thousands in a grid only the fifty asked for.
WITH page AS MATERIALIZED (
    SELECT a.customer_id, a.grid_id FROM assignment a
    WHERE a.grid_id = :grid_id AND a.customer_id > :after
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
    ORDER BY a.customer_id
    LIMIT :limit
)
SELECT c.id, c.source_code, c.source_key, c.kind, c.standing, c.name, c.phone_enc, c.id_card_enc, c.address, c.tier,
    c.lead_level, c.booking_branch_code, c.filed, c.last_visit_on, p.rung, p.score, p.method AS placed_by,
    g.id AS grid_id, g.code AS grid_code, g.name AS grid_name, g.town_name
FROM page a
JOIN customer c ON c.id = a.customer_id
JOIN placement p ON p.customer_id = a.customer_id
JOIN grid g ON g.id = a.grid_id
ORDER BY a.customer_id
