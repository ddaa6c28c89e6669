-- These members stand confirmed.
UPDATE household_member SET state = 'confirmed'
WHERE household_id = :household_id AND customer_id = ANY(CAST(:customer_ids AS bigint[]))
