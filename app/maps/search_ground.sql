-- All that the search box may find of the drawn plan in the viewer's sight, with other names and bounds.
WITH grids AS (
    SELECT g.id, g.key_id, g.code, g.name, g.town_code, g.town_name, g.unit_codes, g.branch_id, g.geom,
        ST_XMin(g.geom) AS west, ST_YMin(g.geom) AS south, ST_XMax(g.geom) AS east, ST_YMax(g.geom) AS north
    FROM grid g WHERE g.plan_id = :plan_id AND g.level = 3
), parts AS (
    SELECT g.id AS grid_id, g.code AS grid_code, g.name AS grid_name, cardinality(g.unit_codes) = 1 AS alone, p.code
    FROM grids g CROSS JOIN LATERAL unnest(g.unit_codes) AS p (code)
), villages AS (
    SELECT DISTINCT ON (u.code, p.grid_id) u.id, u.code, u.name, u.town_name, p.grid_id, p.grid_name, p.alone,
        array_remove(u.former_names || u.official_name, NULL) AS others,
        ST_XMin(u.geom) AS west, ST_YMin(u.geom) AS south, ST_XMax(u.geom) AS east, ST_YMax(u.geom) AS north
    FROM parts p JOIN unit u ON u.code = p.code AND u.valid @> current_date
    ORDER BY u.code, p.grid_id, u.id DESC
), towns AS (
    SELECT coalesce(g.town_code, g.town_name) AS code, min(g.town_name) AS name, min(g.west) AS west,
        min(g.south) AS south, max(g.east) AS east, max(g.north) AS north, count(*) AS grids
    FROM grids g WHERE g.town_name IS NOT NULL GROUP BY 1
)
SELECT 'grid' AS kind, g.id, g.code, g.name, g.town_name AS detail, g.id AS grid_id,
    coalesce(v.others || v.name, '{}') AS others, g.unit_codes, g.key_id, g.west, g.south, g.east, g.north
FROM grids g LEFT JOIN villages v ON v.grid_id = g.id AND v.alone
UNION ALL
SELECT 'village', v.id, v.code, v.name, concat_ws('·', v.town_name, v.grid_name), v.grid_id, v.others,
    '{}', NULL, v.west, v.south, v.east, v.north
FROM villages v WHERE NOT v.alone
UNION ALL
SELECT 'town', coalesce(t.id, 0), w.code, w.name, NULL, NULL,
    coalesce(array_remove(t.former_names || t.official_name, NULL), '{}'), '{}', NULL, w.west, w.south, w.east, w.north
FROM towns w LEFT JOIN LATERAL (
    SELECT u.id, u.former_names, u.official_name FROM unit u
    WHERE u.code = w.code AND u.kind = 'town' AND u.valid @> current_date ORDER BY u.id DESC LIMIT 1) t ON true
UNION ALL
SELECT 'manager', s.id, s.code, s.name, min(b.name), NULL, '{}', '{}', NULL, min(g.west), min(g.south), max(g.east), max(g.north)
FROM grids g
JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
JOIN staff s ON s.id = d.staff_id LEFT JOIN branch b ON b.id = g.branch_id
GROUP BY s.id, s.code, s.name
UNION ALL
SELECT 'branch', b.id, b.code, b.name, NULL, NULL, '{}', '{}', NULL, min(g.west), min(g.south), max(g.east), max(g.north)
FROM grids g JOIN branch b ON b.id = g.branch_id
GROUP BY b.id, b.code, b.name
UNION ALL
SELECT 'outlet', b.id, b.code, b.name, NULL, NULL, '{}', '{}', NULL, ST_X(b.geom), ST_Y(b.geom), ST_X(b.geom), ST_Y(b.geom)
FROM branch b WHERE b.geom IS NOT NULL AND NOT EXISTS (SELECT 1 FROM grids g WHERE g.branch_id = b.id)
ORDER BY 1, 3
