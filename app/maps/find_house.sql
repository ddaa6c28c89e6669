-- The branch of a code.
SELECT id, code, name FROM branch WHERE code = :code
