-- Grids of a draft as the map shows them: those of a box, or those named; with branch, holder and shape.
SELECT g.id, g.code, g.name, g.kind, b.name AS branch, b.code AS branch_code, d.manager, g.town_name AS town, g.locked,
    g.version, g.colour_no, g.households, g.allotted, g.area_m2, cardinality(g.unit_codes) AS units,
    ST_AsGeoJSON(g.geom, 7) AS shape
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN LATERAL (
    SELECT s.name AS manager FROM duty x JOIN staff s ON s.id = x.staff_id
    WHERE x.grid_id = g.id AND x.role = 'primary' AND upper_inf(x.recorded) AND NOT isempty(x.valid)
    ORDER BY (x.valid @> current_date) DESC, lower(x.valid) DESC LIMIT 1
) d ON true
WHERE g.plan_id = :plan_id AND g.level = 3
    AND (CAST(:ids AS bigint[]) IS NULL OR g.id = ANY (CAST(:ids AS bigint[])))
    AND (CAST(:west AS float8) IS NULL OR g.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326))
ORDER BY g.code COLLATE "C", g.id
