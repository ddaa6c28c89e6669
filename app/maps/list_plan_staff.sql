-- Who of the viewer's sight may be given grids, and at which branch?
SELECT s.code, s.name, s.kind, b.code AS branch_code, b.name AS branch FROM staff s JOIN branch b ON b.id = s.branch_id
WHERE s.active AND s.kind IN ('manager', 'liaison', 'terminal_administrator', 'branch_head')
ORDER BY b.code, s.kind = 'manager' DESC, s.code
