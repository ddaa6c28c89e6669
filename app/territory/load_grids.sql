-- The level 3 grids of a plan in order of code, with shape, branch and the primary of today (or the next one).
SELECT g.id, g.code, g.name, g.kind, g.branch_id, b.code AS branch_code, b.name AS branch_name, g.unit_codes,
       g.town_code, g.town_name, g.households, g.colour_no, g.version, g.area_m2, d.staff_id AS manager_id, s.name AS manager,
       ST_AsBinary(g.geom) AS wkb
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN LATERAL (
    SELECT staff_id FROM duty
    WHERE grid_id = g.id AND role = 'primary' AND upper_inf(recorded) AND NOT isempty(valid)
    ORDER BY (valid @> current_date) DESC, lower(valid) DESC LIMIT 1
) d ON true
LEFT JOIN staff s ON s.id = d.staff_id
WHERE g.plan_id = :plan_id AND g.level = 3
ORDER BY g.code COLLATE "C", g.id
