-- What may be shown of these customers in sight?
SELECT c.id, c.kind, c.standing, c.name, c.address, c.tier, c.filed, c.last_visit_on, a.rung,
    ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat, g.id AS grid_id, g.code AS grid_code, g.name AS grid_name,
    coalesce(u.town_name, g.town_name) AS town_name, coalesce(u.name, g.name) AS village_name
FROM assignment a
JOIN customer c ON c.id = a.customer_id
JOIN placement p ON p.customer_id = a.customer_id
LEFT JOIN grid g ON g.id = a.grid_id
LEFT JOIN LATERAL (SELECT name, town_name FROM unit WHERE code = p.unit_code AND valid @> current_date LIMIT 1) u ON true
WHERE a.customer_id = ANY (CAST(:ids AS bigint[]))
