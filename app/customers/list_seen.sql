-- Which of these customers are in the viewer's sight?
SELECT id FROM customer WHERE id = ANY(CAST(:customer_ids AS bigint[])) AND gone_at IS NULL
