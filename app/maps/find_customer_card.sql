-- Where does a customer live and how is that known, who holds that ground, which house books him, what does he hold?
SELECT p.rung, p.method, p.accuracy_m, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
    u.id AS village_id, u.name AS village, u.town_name AS town,
    a.grid_id, a.method AS assigned_by, a.reason,
    b.id AS branch_id, b.code AS branch_code, b.name AS branch_name, k.id AS booking_id, k.name AS booking_name,
    c.deposit_yuan, c.loan_yuan, c.source_code, s.name AS source_name, s.name_en AS source_name_en, c.source_key,
    m.household_id
FROM customer c
JOIN placement p ON p.customer_id = c.id
LEFT JOIN assignment a ON a.customer_id = c.id
LEFT JOIN grid g ON g.id = a.grid_id
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN branch k ON k.code = c.booking_branch_code
LEFT JOIN source_system s ON s.code = c.source_code
LEFT JOIN household_member m ON m.customer_id = c.id
LEFT JOIN LATERAL (SELECT id, name, town_name FROM unit WHERE code = p.unit_code AND valid @> current_date
    ORDER BY id DESC LIMIT 1) AS u ON true
WHERE c.id = :customer_id AND c.gone_at IS NULL
