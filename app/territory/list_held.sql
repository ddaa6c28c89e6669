-- Which grids of plans that live or wait does a person hold in a time, in which roles, and on which days of it?
SELECT p.id AS plan_id, p.code AS plan_code, p.status AS plan_status, g.id AS grid_id, g.code AS grid_code,
       g.name AS grid_name, g.town_name, g.branch_id, d.role,
       greatest(lower(d.valid), CAST(:begins AS date)) AS begins,
       least(upper(d.valid), CAST(:ends AS date)) AS ends
FROM duty d
JOIN grid g ON g.id = d.grid_id
JOIN plan p ON p.id = g.plan_id AND p.status IN ('draft', 'checked', 'approved', 'in_force')
WHERE d.staff_id = :staff_id AND upper_inf(d.recorded) AND d.valid && daterange(CAST(:begins AS date), CAST(:ends AS date))
  AND d.role = ANY (CAST(:roles AS text[]))
ORDER BY p.status = 'in_force' DESC, p.id, array_position(ARRAY['primary', 'backup', 'liaison', 'terminal_administrator'], d.role),
    g.code COLLATE "C", lower(d.valid)
