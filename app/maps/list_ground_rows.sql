-- Grids of these ids in sight: who holds them, how many live there, how they are served, where they lie.
SELECT g.id, g.code, g.name, g.kind, g.town_name, g.households, g.area_m2,
    b.id AS branch_id, b.code AS branch_code, b.name AS branch_name,
    m.id AS manager_id, m.code AS manager_code, m.name AS manager_name,
    coalesce(n.existing, 0) AS existing, coalesce(n.prospects, 0) AS prospects, coalesce(n.strategic, 0) AS strategic,
    coalesce(n.key, 0) AS key, coalesce(n.filed, 0) AS filed, coalesce(n.visited, 0) AS visited,
    coalesce(n.covered_households, 0) AS covered_households, coalesce(n.rungs, '{0,0,0,0,0,0,0}') AS rungs,
    ST_XMin(g.geom) AS west, ST_YMin(g.geom) AS south, ST_XMax(g.geom) AS east, ST_YMax(g.geom) AS north
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN LATERAL (SELECT s.id, s.code, s.name FROM duty d JOIN staff s ON s.id = d.staff_id
    WHERE d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date LIMIT 1) m ON true
LEFT JOIN grid_count n ON n.grid_id = g.id
WHERE g.id = ANY (CAST(:grid_ids AS bigint[])) AND g.level = 3
ORDER BY g.code
