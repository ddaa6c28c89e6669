-- What is known of where this customer lives: his address, his placement and grid, and the doubt about it, if any?
SELECT cu.id AS customer_id, cu.name, cu.kind AS customer_kind, cu.standing, cu.tier, cu.address, cu.import_id,
    s.name AS source, c.kind, c.state, c.score, c.prefix, c.answer, c.detail, c.opened_at,
    p.rung, p.method, p.score AS placed_score, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, p.accuracy_m, p.datum,
    p.place_code, p.unit_code, g.id AS grid_id, g.code AS grid_code, g.name AS grid_name
FROM customer cu
JOIN placement p ON p.customer_id = cu.id
LEFT JOIN placement_case c ON c.customer_id = cu.id
LEFT JOIN source_system s ON s.code = cu.source_code
LEFT JOIN assignment a ON a.customer_id = cu.id
LEFT JOIN grid g ON g.id = a.grid_id
WHERE cu.id = :customer_id AND cu.gone_at IS NULL
