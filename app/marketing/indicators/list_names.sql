-- What are these customers called, also those who are gone?
SELECT id, name, kind FROM customer WHERE id = ANY (CAST(:ids AS bigint[]))
