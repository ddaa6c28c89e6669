-- These members leave a household.
DELETE FROM household_member
WHERE household_id = :household_id AND customer_id = ANY(CAST(:customer_ids AS bigint[]))
