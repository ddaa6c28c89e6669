-- Which of these customers are not gone yet?
SELECT array_agg(id ORDER BY id) FROM customer WHERE id = ANY (CAST(:ids AS bigint[])) AND gone_at IS NULL
