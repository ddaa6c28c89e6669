-- Who of the viewer's sight is a member of these households, where does he live, and by which reasons?
SELECT m.household_id, m.customer_id, m.state, m.confidence, m.reasons, c.name, c.kind, c.standing, c.tier,
    c.source_code, s.name AS source_name, c.relation, c.household_no, c.address, c.id_card_hash, p.rung, p.method,
    ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, g.id AS grid_id, g.code AS grid_code, g.name AS grid_name, g.town_name
FROM household_member m JOIN customer c ON c.id = m.customer_id JOIN source_system s ON s.code = c.source_code
LEFT JOIN placement p ON p.customer_id = m.customer_id
LEFT JOIN assignment a ON a.customer_id = m.customer_id LEFT JOIN grid g ON g.id = a.grid_id
WHERE m.household_id = ANY(CAST(:household_ids AS bigint[])) AND c.gone_at IS NULL
ORDER BY m.household_id, m.customer_id
