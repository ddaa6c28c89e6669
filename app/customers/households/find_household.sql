-- One household, if it is in the viewer's sight.
SELECT h.id, h.state, h.confidence, h.head_customer_id, h.unit_code, h.address_key, h.made_at,
    u.name AS village, u.town_name AS town
FROM household h LEFT JOIN LATERAL (SELECT u.name, u.town_name FROM unit u
    WHERE u.code = h.unit_code AND u.valid @> current_date ORDER BY u.id DESC LIMIT 1) u ON true
WHERE h.id = :household_id
