-- Where does this customer stand today: his grid and its plan, his point, his unit, and why?
SELECT c.id, c.name, c.kind, a.grid_id, a.method, a.reason, s.plan_id, p.rung, p.unit_code,
       ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
FROM customer c
JOIN placement p ON p.customer_id = c.id
LEFT JOIN assignment a ON a.customer_id = c.id
LEFT JOIN standing_grid s ON s.id = a.grid_id
WHERE c.id = :customer_id
