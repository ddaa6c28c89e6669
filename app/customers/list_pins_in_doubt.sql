-- Which customers in sight have an open question about where they live, in order of id?
SELECT c.id, c.name, c.kind, c.standing, c.address, p.rung, p.method AS placed_by, k.kind AS doubt,
    g.id AS grid_id, g.code AS grid_code, g.name AS grid_name,
    coalesce(u.town_name, g.town_name) AS town_name, coalesce(u.name, g.name) AS village_name
FROM placement_case k
JOIN customer c ON c.id = k.customer_id
JOIN placement p ON p.customer_id = k.customer_id
LEFT JOIN assignment a ON a.customer_id = k.customer_id
LEFT JOIN grid g ON g.id = a.grid_id
LEFT JOIN LATERAL (SELECT name, town_name FROM unit WHERE code = p.unit_code AND valid @> current_date LIMIT 1) u ON true
WHERE k.state <> 'decided' AND k.customer_id > :after
    AND (CAST(:begins AS text) IS NULL OR c.name LIKE :begins)
ORDER BY k.customer_id
LIMIT :limit
