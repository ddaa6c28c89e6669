-- Which places do these codes name: their village, town, point, polygon, and the grid of the plan in force?
WITH RECURSIVE asked AS (
    SELECT DISTINCT code FROM unnest(CAST(:codes AS text[])) AS code
), line AS (
    SELECT a.code AS asked, p.code, p.name, p.level, p.parent_code, p.geom, 0 AS up
    FROM asked a
    JOIN LATERAL (SELECT * FROM place n WHERE n.code = a.code ORDER BY n.geom IS NULL, n.id LIMIT 1) p ON true
    UNION ALL
    SELECT l.asked, p.code, p.name, p.level, p.parent_code, p.geom, l.up + 1
    FROM line l
    JOIN LATERAL (SELECT * FROM place n WHERE n.code = l.parent_code ORDER BY n.id LIMIT 1) p ON true
    WHERE l.up < 8
), named AS (
    SELECT a.code, max(l.name) FILTER (WHERE l.up = 0) AS name, max(l.level) FILTER (WHERE l.up = 0) AS level,
        max(l.code) FILTER (WHERE l.level = 'village') AS village_code,
        max(l.name) FILTER (WHERE l.level = 'village') AS village,
        max(l.code) FILTER (WHERE l.level = 'town') AS town_code,
        max(l.name) FILTER (WHERE l.level = 'town') AS town,
        max(l.name) FILTER (WHERE l.level = 'county') AS county,
        ST_Collect(l.geom) FILTER (WHERE l.up = 0) AS points
    FROM asked a LEFT JOIN line l ON l.asked = a.code
    GROUP BY a.code
)
SELECT n.code, coalesce(n.name, u.name) AS name, coalesce(n.level, u.kind) AS level, coalesce(n.village, u.name) AS village,
    coalesce(n.town, u.town_name) AS town, n.county, u.code AS unit_code, u.kind AS unit_kind,
    ST_X(ST_GeometryN(n.points, 1)) AS lon, ST_Y(ST_GeometryN(n.points, 1)) AS lat,
    CAST(ST_AsGeoJSON(ST_SimplifyPreserveTopology(u.geom, :tolerance), 6) AS json) AS outline,
    ST_X(ST_PointOnSurface(u.geom)) AS label_lon, ST_Y(ST_PointOnSurface(u.geom)) AS label_lat,
    ST_XMin(u.geom) AS west, ST_YMin(u.geom) AS south, ST_XMax(u.geom) AS east, ST_YMax(u.geom) AS north,
    g.id AS grid_id, g.code AS grid_code, g.name AS grid_name
FROM named n
LEFT JOIN LATERAL (
    SELECT x.* FROM unit x
    WHERE x.code = coalesce(n.village_code, n.town_code, n.code) AND x.valid @> current_date
    ORDER BY x.kind IN ('village', 'community') DESC, x.id LIMIT 1
) u ON true
LEFT JOIN LATERAL (
    SELECT x.id, x.code, x.name FROM grid x JOIN plan p ON p.id = x.plan_id
    WHERE p.status = 'in_force' AND p.valid @> current_date AND x.level = 3 AND x.unit_codes @> ARRAY[u.code]
        AND u.kind <> 'town'
    ORDER BY (n.points IS NOT NULL AND x.geom && n.points AND ST_Intersects(x.geom, n.points)) DESC, x.area_m2 DESC LIMIT 1
) g ON true
