-- Which grids lie in this tile, who holds them, where does each manager's ground end, and what are they called?
-- A name carries the zoom from which it fits inside its own ground (12 px a character on 512 px tiles).
-- Outlines and borders are told with the question, as `tiles/outlines` keeps them: fine enough for the zoom, borders shared.
-- A tile's edges are told in degrees, each edge once for both its sides: each name is in one tile.
WITH tile AS MATERIALIZED (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, :x * 360::float8 / (1 << :z) - 180 AS west,
        (:x + 1) * 360::float8 / (1 << :z) - 180 AS east,
        degrees(atan(sinh(pi() * (1 - (:y + 1) * 2::float8 / (1 << :z))))) AS south,
        degrees(atan(sinh(pi() * (1 - :y * 2::float8 / (1 << :z))))) AS north
), outline AS (
    SELECT o.id, substring(CAST(:shape_pile AS bytea) FROM o.start FOR o.bytes) AS shape
    FROM unnest(CAST(:shape_ids AS bigint[]), CAST(:shape_starts AS int[]), CAST(:shape_bytes AS int[])) AS o (id, start, bytes)
), border AS (
    SELECT b.one, b.other, substring(CAST(:border_pile AS bytea) FROM b.start FOR b.bytes) AS line
    FROM unnest(CAST(:border_one AS bigint[]), CAST(:border_other AS bigint[]), CAST(:border_starts AS int[]), CAST(:border_bytes AS int[]))
        AS b (one, other, start, bytes)
), held AS MATERIALIZED (
    SELECT g.id, g.code, g.name, g.kind, g.town_name AS town, g.colour_no, g.area_m2, g.branch_id, d.staff_id AS manager_id, g.anchor,
        ST_X(g.anchor) AS x, ST_Y(g.anchor) AS y
    FROM grid g
    LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
    WHERE g.plan_id = :plan_id AND g.level = 3
), shapes AS MATERIALIZED (
    SELECT ST_AsMVTGeom(ST_GeomFromWKB(o.shape, 3857), tile.box, 4096, 64, true) AS geom, h.id, h.id AS grid_id, h.code, h.name,
        h.kind, h.town, h.colour_no, h.branch_id, b.name AS branch, s.id AS manager_id, s.name AS manager, s.code AS manager_code
    FROM tile, outline o JOIN held h ON h.id = o.id LEFT JOIN branch b ON b.id = h.branch_id LEFT JOIN staff s ON s.id = h.manager_id
    ORDER BY h.area_m2 DESC
), edges AS (
    SELECT h.manager_id, b.line
    FROM (SELECT one, other, line FROM border UNION ALL SELECT other, one, line FROM border) b
    JOIN held h ON h.id = b.one LEFT JOIN held f ON f.id = b.other
    WHERE f.id IS NULL OR h.manager_id IS DISTINCT FROM f.manager_id
), borders AS (
    SELECT e.manager_id, ST_AsMVTGeom(ST_Collect(ST_GeomFromWKB(e.line, 3857)), tile.box, 4096, 64, true) AS geom
    FROM edges e, tile GROUP BY e.manager_id, tile.box
), grid_names AS (
    SELECT ST_AsMVTGeom(ST_Transform(h.anchor, 3857), tile.box, 4096, 0, false) AS geom, h.id AS grid_id, h.name, s.name AS manager,
        h.kind, round(h.x::numeric, 5)::float8 AS lon, round(h.y::numeric, 5)::float8 AS lat,
        round((ln(7.5 * char_length(h.name) * 78271.5 * cos(radians(h.y)) / sqrt(h.area_m2 / pi())) / ln(2))::numeric, 2)::float8 AS fits
    FROM tile, held h LEFT JOIN staff s ON s.id = h.manager_id
    WHERE h.x >= tile.west AND h.x < tile.east AND h.y > tile.south AND h.y <= tile.north
), managers AS (
    SELECT DISTINCT ON (manager_id) manager_id, anchor, x, y, sum(area_m2) OVER (PARTITION BY manager_id) AS area_m2
    FROM held WHERE manager_id IS NOT NULL ORDER BY manager_id, held.area_m2 DESC
), manager_names AS (
    SELECT ST_AsMVTGeom(ST_Transform(m.anchor, 3857), tile.box, 4096, 0, false) AS geom, m.manager_id, s.name,
        round(m.x::numeric, 5)::float8 AS lon, round(m.y::numeric, 5)::float8 AS lat,
        round((ln(7.5 * char_length(s.name) * 78271.5 * cos(radians(m.y)) / sqrt(m.area_m2 / pi())) / ln(2))::numeric, 2)::float8 AS fits
    FROM tile, managers m JOIN staff s ON s.id = m.manager_id
    WHERE m.x >= tile.west AND m.x < tile.east AND m.y > tile.south AND m.y <= tile.north
)
SELECT (SELECT coalesce(ST_AsMVT(shapes, 'grids', 4096, 'geom', 'id'), '') FROM shapes WHERE geom IS NOT NULL)
    || (SELECT coalesce(ST_AsMVT(borders, 'managers', 4096, 'geom'), '') FROM borders)
    || (SELECT coalesce(ST_AsMVT(grid_names, 'grid_names', 4096, 'geom'), '') FROM grid_names)
    || (SELECT coalesce(ST_AsMVT(manager_names, 'manager_names', 4096, 'geom'), '') FROM manager_names);
