-- Which grids lie in this tile, who holds them, where does each manager's ground end, and what are they called?
-- A name carries the zoom from which it fits inside its own ground (12 px a character on 512 px tiles).
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), held AS (
    SELECT g.id, g.id AS grid_id, g.code, g.name, g.kind, g.town_name AS town, g.colour_no, g.area_m2, g.geom AS shape,
        ST_Transform(g.anchor, 3857) AS middle, cos(radians(ST_Y(g.anchor))) AS shrink,
        round(ST_X(g.anchor)::numeric, 5)::float8 AS lon, round(ST_Y(g.anchor)::numeric, 5)::float8 AS lat, b.id AS branch_id,
        b.name AS branch, s.id AS manager_id, s.name AS manager, s.code AS manager_code
    FROM grid g
    LEFT JOIN branch b ON b.id = g.branch_id
    LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
    LEFT JOIN staff s ON s.id = d.staff_id
    WHERE g.plan_id = :plan_id AND g.level = 3
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(h.shape, 3857), tile.box, 4096, 64, true) AS geom, h.id, h.grid_id, h.code, h.name,
        h.kind, h.town, h.colour_no, h.branch_id, h.branch, h.manager_id, h.manager, h.manager_code
    FROM held h, tile
    WHERE h.shape && tile.bounds AND ST_Intersects(h.shape, tile.bounds)
    ORDER BY h.area_m2 DESC
), borders AS (
    SELECT manager_id, ST_Boundary(ST_Union(geom)) AS geom FROM shapes WHERE geom IS NOT NULL GROUP BY manager_id
), grid_names AS (
    SELECT ST_AsMVTGeom(h.middle, tile.box, 4096, 0, false) AS geom, h.grid_id, h.name, h.manager, h.kind, h.lon, h.lat,
        round(log(2, (7.5 * char_length(h.name) * 78271.5 * h.shrink / sqrt(h.area_m2 / pi()))::numeric), 2)::float8 AS fits
    FROM held h, tile
    WHERE ST_X(h.middle) >= ST_XMin(tile.box) AND ST_X(h.middle) < ST_XMax(tile.box)
        AND ST_Y(h.middle) > ST_YMin(tile.box) AND ST_Y(h.middle) <= ST_YMax(tile.box)
), managers AS (
    SELECT DISTINCT ON (manager_id) manager_id, manager, middle, shrink, lon, lat, sum(area_m2) OVER (PARTITION BY manager_id) AS area_m2
    FROM held WHERE manager_id IS NOT NULL ORDER BY manager_id, held.area_m2 DESC
), manager_names AS (
    SELECT ST_AsMVTGeom(m.middle, tile.box, 4096, 0, false) AS geom, m.manager_id, m.manager AS name, m.lon, m.lat,
        round(log(2, (7.5 * char_length(m.manager) * 78271.5 * m.shrink / sqrt(m.area_m2 / pi()))::numeric), 2)::float8 AS fits
    FROM managers m, tile
    WHERE ST_X(m.middle) >= ST_XMin(tile.box) AND ST_X(m.middle) < ST_XMax(tile.box)
        AND ST_Y(m.middle) > ST_YMin(tile.box) AND ST_Y(m.middle) <= ST_YMax(tile.box)
)
SELECT (SELECT coalesce(ST_AsMVT(shapes, 'grids', 4096, 'geom', 'id'), '') FROM shapes WHERE geom IS NOT NULL)
    || (SELECT coalesce(ST_AsMVT(borders, 'managers', 4096, 'geom'), '') FROM borders)
    || (SELECT coalesce(ST_AsMVT(grid_names, 'grid_names', 4096, 'geom'), '') FROM grid_names)
    || (SELECT coalesce(ST_AsMVT(manager_names, 'manager_names', 4096, 'geom'), '') FROM manager_names);
