-- Who are these customers, in which grid and village do they stand?
SELECT c.source_key, c.name, c.kind, g.code AS grid, u.name AS village
FROM customer c JOIN placement p ON p.customer_id = c.id
LEFT JOIN assignment a ON a.customer_id = c.id LEFT JOIN grid g ON g.id = a.grid_id
LEFT JOIN LATERAL (SELECT name FROM unit WHERE code = p.unit_code ORDER BY id DESC LIMIT 1) AS u ON true
WHERE c.id = ANY (CAST(:ids AS bigint[])) ORDER BY c.id
