-- How do these grids stand: branch (with those below it), open offers, and who holds them today or next?
WITH RECURSIVE below AS (
    SELECT DISTINCT g.branch_id AS top, g.branch_id AS id
    FROM grid g WHERE g.id = ANY (CAST(:grid_ids AS bigint[])) AND g.branch_id IS NOT NULL
    UNION
    SELECT below.top, b.id FROM branch b JOIN below ON b.parent_id = below.id
)
SELECT g.id, g.code, g.name, g.branch_id, b.code AS branch_code, g.allotted,
       coalesce((SELECT array_agg(id) FROM below WHERE top = g.branch_id), '{}') AS house,
       coalesce((SELECT jsonb_agg(jsonb_build_object('id', a.id, 'step', a.step, 'role', a.role, 'at', a.offered_at,
                                                     'by', u.name, 'to', coalesce(s.name, t.name)) ORDER BY a.id)
                 FROM allotment a JOIN branch t ON t.id = a.branch_id
                 LEFT JOIN staff s ON s.id = a.staff_id LEFT JOIN app_user u ON u.id = a.offered_by
                 WHERE a.grid_id = g.id AND a.state = 'offered'), '[]') AS offers,
       coalesce((SELECT jsonb_agg(jsonb_build_object('role', d.role, 'staff_id', d.staff_id, 'open', upper_inf(d.valid))
                                  ORDER BY upper_inf(d.valid) DESC)
                 FROM duty d
                 WHERE d.grid_id = g.id AND upper_inf(d.recorded) AND NOT isempty(d.valid)
                   AND (upper_inf(d.valid) OR upper(d.valid) > current_date)), '[]') AS holders
FROM grid g LEFT JOIN branch b ON b.id = g.branch_id
WHERE g.id = ANY (CAST(:grid_ids AS bigint[]))
ORDER BY g.code COLLATE "C"
