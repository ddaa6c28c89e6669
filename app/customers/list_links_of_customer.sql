-- Which rows are the same person as this customer, the surest first?
SELECT l.how, l.confidence, l.found_at, c.id, c.source_code, c.source_key, c.name, c.kind, c.standing, c.address,
    u.name AS village, g.code AS grid
FROM (
    SELECT other_id AS id, how, confidence, found_at FROM customer_link WHERE customer_id = :customer_id
    UNION ALL SELECT customer_id, how, confidence, found_at FROM customer_link WHERE other_id = :customer_id
) AS l
JOIN customer c ON c.id = l.id AND c.gone_at IS NULL
JOIN placement p ON p.customer_id = c.id
LEFT JOIN assignment a ON a.customer_id = c.id LEFT JOIN grid g ON g.id = a.grid_id
LEFT JOIN LATERAL (SELECT name FROM unit WHERE code = p.unit_code ORDER BY id DESC LIMIT 1) AS u ON true
ORDER BY l.confidence DESC, c.id
