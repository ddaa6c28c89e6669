-- Where does this customer stand today: his grid in the plan of the current run, his point, his unit, and why?
SELECT c.id, c.name, c.kind, a.grid_id, a.method, a.reason, r.plan_id, p.rung, p.unit_code,
       ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
FROM customer c
JOIN placement p ON p.customer_id = c.id
LEFT JOIN assignment a ON a.customer_id = c.id
LEFT JOIN assignment_run r ON r.id = a.run_id
WHERE c.id = :customer_id
