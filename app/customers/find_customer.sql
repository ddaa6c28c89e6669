-- Who is this customer, where does he live and in whose grid?
SELECT c.id, c.source_code, c.source_key, c.kind, c.standing, c.name, c.phone_enc, c.id_card_enc, c.address, c.tier,
    c.lead_level, c.booking_branch_code, c.filed, c.last_visit_on, p.rung, p.score, p.method AS placed_by,
    g.id AS grid_id, g.code AS grid_code, g.name AS grid_name, g.town_name
FROM customer c
JOIN placement p ON p.customer_id = c.id
LEFT JOIN assignment a ON a.customer_id = c.id
LEFT JOIN grid g ON g.id = a.grid_id
WHERE c.id = :customer_id AND c.gone_at IS NULL
