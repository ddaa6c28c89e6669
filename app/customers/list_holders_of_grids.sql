-- Who holds these grids as primary today (or will next), and of which units are they made?
SELECT g.id, g.code, g.name, g.unit_codes, d.staff_id, s.code AS manager_code, s.name AS manager
FROM grid g
LEFT JOIN LATERAL (
    SELECT staff_id FROM duty
    WHERE grid_id = g.id AND role = 'primary' AND upper_inf(recorded) AND NOT isempty(valid)
    ORDER BY (valid @> current_date) DESC, lower(valid) DESC LIMIT 1
) d ON true
LEFT JOIN staff s ON s.id = d.staff_id
WHERE g.id = ANY (CAST(:grids AS bigint[]))
