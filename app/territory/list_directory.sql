-- The planning directory: each grid of a plan with units, branch, people on a day, area and households.
WITH held AS (
    SELECT d.grid_id, d.role, string_agg(s.name, '、' ORDER BY s.code) AS names,
           string_agg(s.phone, '、' ORDER BY s.code) AS phones, string_agg(s.code, '、' ORDER BY s.code) AS codes
    FROM duty d JOIN staff s ON s.id = d.staff_id
    WHERE d.valid @> CAST(:on AS date) AND upper_inf(d.recorded)
    GROUP BY d.grid_id, d.role
)
SELECT g.code, g.name, g.kind, g.town_code, g.town_name, g.unit_codes, b.code AS branch_code, b.name AS branch_name,
       p.codes AS manager_code, p.names AS manager, p.phones AS manager_phone, k.names AS backup,
       l.names AS liaison, l.phones AS liaison_phone, t.names AS terminal_administrator,
       g.area_m2 / 1e6 AS area_km2, g.households, g.colour_no
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN held p ON p.grid_id = g.id AND p.role = 'primary'
LEFT JOIN held k ON k.grid_id = g.id AND k.role = 'backup'
LEFT JOIN held l ON l.grid_id = g.id AND l.role = 'liaison'
LEFT JOIN held t ON t.grid_id = g.id AND t.role = 'terminal_administrator'
WHERE g.plan_id = :plan_id AND g.level = 3 AND (CAST(:branch AS text) IS NULL OR b.code = :branch)
ORDER BY g.town_code COLLATE "C" NULLS LAST, g.unit_codes[1] COLLATE "C", g.code COLLATE "C"
