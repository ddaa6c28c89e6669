-- A household whose head has left has none.
UPDATE household SET head_customer_id = NULL
WHERE id = :household_id AND head_customer_id = ANY(CAST(:customer_ids AS bigint[]))
