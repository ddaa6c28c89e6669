-- Who holds which grid of a plan on a day, as known at a moment (now when NULL)?
SELECT g.id AS grid_id, g.code AS grid_code, g.name AS grid_name, d.role, s.code AS staff_code, s.name, s.phone,
       b.code AS branch_code, lower(d.valid) AS valid_from, upper(d.valid) AS valid_to
FROM duty d
JOIN grid g ON g.id = d.grid_id AND g.plan_id = :plan_id
JOIN staff s ON s.id = d.staff_id
LEFT JOIN branch b ON b.id = g.branch_id
WHERE d.valid @> CAST(:on AS date)
  AND d.recorded @> coalesce(CAST(:known_at AS timestamptz), 'infinity'::timestamptz)
ORDER BY g.code COLLATE "C", array_position(ARRAY['primary', 'backup', 'liaison', 'terminal_administrator'], d.role), s.code
