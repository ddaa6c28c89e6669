-- Which branch has whom at head office to look after it on a date?
SELECT b.id AS branch_id, b.code AS branch_code, b.name AS branch, b.branch_type, s.code AS staff_code, s.name AS staff,
       h.name AS department, lower(c.valid) AS valid_from
FROM branch b
LEFT JOIN branch_contact c ON c.branch_id = b.id AND c.valid @> CAST(:on AS date)
LEFT JOIN staff s ON s.id = c.staff_id
LEFT JOIN branch h ON h.id = s.branch_id
WHERE b.kind = 'branch'
ORDER BY b.code
