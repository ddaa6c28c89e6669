-- Where does this customer stand today, how is that known, and where is the middle of his grid?
SELECT c.id, c.name, c.kind, c.standing, c.address, p.rung, p.method AS placed_by, p.accuracy_m, k.kind AS doubt,
    ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, g.id AS grid_id, g.code AS grid_code, g.name AS grid_name,
    coalesce(u.town_name, g.town_name) AS town_name, coalesce(u.name, g.name) AS village_name,
    ST_X(g.anchor) AS grid_lon, ST_Y(g.anchor) AS grid_lat
FROM customer c
JOIN placement p ON p.customer_id = c.id
LEFT JOIN placement_case k ON k.customer_id = c.id AND k.state <> 'decided'
LEFT JOIN assignment a ON a.customer_id = c.id
LEFT JOIN grid g ON g.id = a.grid_id
LEFT JOIN LATERAL (SELECT name, town_name FROM unit WHERE code = p.unit_code AND valid @> current_date LIMIT 1) u ON true
WHERE c.id = :customer_id
