-- Which links have the customers whose rows this import wrote last? The surest first, a page of them. (Each side for itself:
-- asked for either at once, a planner without statistics pairs everybody with everybody.)
WITH wrote AS MATERIALIZED (
    SELECT customer_id, other_id, how, confidence, found_at, bool_or(first) AS first
    FROM (
        SELECT l.*, true AS first
        FROM customer_link l JOIN customer c ON c.id = l.customer_id WHERE c.import_id = :import_id
        UNION ALL
        SELECT l.*, false
        FROM customer_link l JOIN customer c ON c.id = l.other_id WHERE c.import_id = :import_id
    ) AS sides
    GROUP BY customer_id, other_id, how, confidence, found_at
)
SELECT l.how, l.confidence, l.found_at, c.id, c.source_code, c.source_key, c.name, c.kind, c.standing, c.address,
    cu.name AS village, cg.code AS grid, o.id AS other_id, o.source_code AS other_source_code,
    o.source_key AS other_source_key, o.name AS other_name, o.kind AS other_kind, o.standing AS other_standing,
    o.address AS other_address, ou.name AS other_village, og.code AS other_grid
FROM wrote l
JOIN customer c ON c.id = CASE WHEN l.first THEN l.customer_id ELSE l.other_id END AND c.gone_at IS NULL
JOIN customer o ON o.id = CASE WHEN l.first THEN l.other_id ELSE l.customer_id END AND o.gone_at IS NULL
JOIN placement cp ON cp.customer_id = c.id JOIN placement op ON op.customer_id = o.id
LEFT JOIN assignment ca ON ca.customer_id = c.id LEFT JOIN grid cg ON cg.id = ca.grid_id
LEFT JOIN assignment oa ON oa.customer_id = o.id LEFT JOIN grid og ON og.id = oa.grid_id
LEFT JOIN LATERAL (SELECT name FROM unit WHERE code = cp.unit_code ORDER BY id DESC LIMIT 1) AS cu ON true
LEFT JOIN LATERAL (SELECT name FROM unit WHERE code = op.unit_code ORDER BY id DESC LIMIT 1) AS ou ON true
ORDER BY l.confidence DESC, l.customer_id, l.other_id
LIMIT :limit OFFSET :after
