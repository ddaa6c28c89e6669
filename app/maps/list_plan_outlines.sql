-- The grids of a plan in sight for the page of plans: outline to about 20 m, state of allotment, who holds each, who lives there.
SELECT g.id, g.code, g.name, g.kind, g.town_code, g.town_name AS town, g.households, g.allotted, round(g.area_m2) AS area_m2,
    b.code AS branch_code, b.name AS branch, m.code AS manager_code, m.name AS manager,
    c.existing + c.prospects AS customers,
    ST_AsGeoJSON(ST_SimplifyPreserveTopology(g.geom, 0.0002), 5) AS shape
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN grid_count c ON c.grid_id = g.id
LEFT JOIN LATERAL (
    SELECT s.code, s.name FROM duty d JOIN staff s ON s.id = d.staff_id
    WHERE d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND NOT isempty(d.valid)
        AND (upper(d.valid) IS NULL OR upper(d.valid) > current_date)
    ORDER BY lower(d.valid) LIMIT 1
) m ON true
WHERE g.plan_id = :plan_id AND g.level = 3 AND NOT ST_IsEmpty(g.geom)
ORDER BY g.code
