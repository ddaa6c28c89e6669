-- The grids of a plan in sight with outlines to about 30 m: the whole ground on one screen, and who holds each grid.
SELECT g.id, g.code, g.name, g.kind, g.town_name AS town, g.version, g.locked, g.area_m2, g.unit_codes, b.code AS branch_code,
    b.name AS branch, m.name AS manager, ST_X(g.anchor) AS lon, ST_Y(g.anchor) AS lat,
    ARRAY[ST_XMin(g.geom), ST_YMin(g.geom), ST_XMax(g.geom), ST_YMax(g.geom)] AS bbox,
    ST_AsGeoJSON(ST_SimplifyPreserveTopology(g.geom, 0.0003), 5) AS shape
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN LATERAL (
    SELECT s.name FROM duty d JOIN staff s ON s.id = d.staff_id
    WHERE d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND NOT isempty(d.valid)
    ORDER BY (d.valid @> current_date) DESC, lower(d.valid) DESC LIMIT 1
) m ON true
WHERE g.plan_id = :plan_id AND g.level = 3 AND NOT ST_IsEmpty(g.geom)
ORDER BY g.code
