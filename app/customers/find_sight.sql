-- Is this customer in the viewer's sight, and does a case stand about him?
SELECT p.customer_id, k.customer_id AS case_of, k.prefix
FROM placement p LEFT JOIN placement_case k ON k.customer_id = p.customer_id
WHERE p.customer_id = :customer_id
