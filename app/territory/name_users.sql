-- The names of some users.
SELECT id, name FROM app_user WHERE id = ANY (CAST(:ids AS bigint[]))
