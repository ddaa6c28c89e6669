-- Which customers in sight, with a point of their own or without one, have no open question, in order of id?
SELECT c.id, c.name, c.kind, c.standing, c.address, p.rung, p.method AS placed_by, NULL AS doubt,
    g.id AS grid_id, g.code AS grid_code, g.name AS grid_name,
    coalesce(u.town_name, g.town_name) AS town_name, coalesce(u.name, g.name) AS village_name
FROM assignment a
JOIN customer c ON c.id = a.customer_id
JOIN placement p ON p.customer_id = a.customer_id
LEFT JOIN grid g ON g.id = a.grid_id
LEFT JOIN LATERAL (SELECT name, town_name FROM unit WHERE code = p.unit_code AND valid @> current_date LIMIT 1) u ON true
WHERE a.customer_id > :after AND (p.geom IS NOT NULL AND p.rung BETWEEN 1 AND 3) = CAST(:pointed AS boolean)
    AND NOT EXISTS (SELECT 1 FROM placement_case k WHERE k.customer_id = a.customer_id AND k.state <> 'decided')
    AND (CAST(:begins AS text) IS NULL OR c.name LIKE :begins)
ORDER BY a.customer_id
LIMIT :limit
