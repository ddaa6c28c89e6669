-- What are these users called?
SELECT id, name FROM app_user WHERE id = ANY (CAST(:ids AS bigint[]))
