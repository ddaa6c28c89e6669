-- Is one of these customers a member of another household by now?
SELECT customer_id FROM household_member
WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND household_id <> :household_id LIMIT 1
