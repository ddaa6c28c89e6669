-- A household and its members, byte for byte.
SELECT to_jsonb(h) AS household, (SELECT coalesce(jsonb_agg(to_jsonb(m) ORDER BY m.customer_id), '[]')
    FROM household_member m WHERE m.household_id = h.id) AS members
FROM household h WHERE h.id = :household_id
