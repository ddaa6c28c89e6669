-- Who leaves is set apart from each who stays; which pairs are new?
INSERT INTO household_apart (customer_a, customer_b, user_id)
SELECT least(l, s), greatest(l, s), :user_id
FROM unnest(CAST(:leaving AS bigint[])) AS l CROSS JOIN unnest(CAST(:staying AS bigint[])) AS s
ON CONFLICT DO NOTHING
RETURNING customer_a, customer_b
