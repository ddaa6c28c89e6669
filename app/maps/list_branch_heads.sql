-- Who is at the head of each branch? Of two the one with the lower number.
SELECT DISTINCT ON (b.code) b.code AS branch_code, s.code, s.name, s.phone
FROM staff s JOIN branch b ON b.id = s.branch_id
WHERE s.kind = 'branch_head' AND s.active
ORDER BY b.code, s.code
