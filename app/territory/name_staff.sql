-- The numbers and names of these people.
SELECT id, code, name FROM staff WHERE id = ANY (CAST(:ids AS bigint[]))
