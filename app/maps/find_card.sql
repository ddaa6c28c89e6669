-- One grid with its plan, branch and counts.
SELECT g.id, g.code, g.name, g.kind, g.level, g.town_name, g.unit_codes, g.households, g.area_m2, g.version,
    p.code AS plan_code, p.status AS plan_status, p.synthetic,
    b.id AS branch_id, b.code AS branch_code, b.name AS branch_name, b.branch_type,
    coalesce(n.existing, 0) AS existing, coalesce(n.prospects, 0) AS prospects, coalesce(n.strategic, 0) AS strategic,
    coalesce(n.key, 0) AS key, coalesce(n.filed, 0) AS filed, coalesce(n.visited, 0) AS visited,
    coalesce(n.covered_households, 0) AS covered_households, coalesce(n.rungs, '{0,0,0,0,0,0,0}') AS rungs,
    ST_X(g.anchor) AS lon, ST_Y(g.anchor) AS lat,
    ST_XMin(g.geom) AS west, ST_YMin(g.geom) AS south, ST_XMax(g.geom) AS east, ST_YMax(g.geom) AS north
FROM grid g JOIN plan p ON p.id = g.plan_id
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN grid_count n ON n.grid_id = g.id
WHERE g.id = :grid_id
