-- The proposed memberships of these customers go; what somebody confirmed stays.
DELETE FROM household_member WHERE state = 'proposed' AND customer_id = ANY(CAST(:customer_ids AS bigint[]))
