-- The keys of stored customers.
SELECT id, source_key FROM customer WHERE id = ANY (CAST(:ids AS bigint[]))
