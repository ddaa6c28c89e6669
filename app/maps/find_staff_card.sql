-- Who is this member of staff, and of which house?
SELECT s.id, s.code, s.name, s.kind, s.phone, s.active, b.id AS branch_id, b.code AS branch_code, b.name AS branch_name,
    b.branch_type
FROM staff s LEFT JOIN branch b ON b.id = s.branch_id
WHERE s.id = :staff_id
