-- Where do the terminal administrators of this tile serve? One symbol a grid that has one, at its anchor.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), serving AS (
    SELECT s.id, s.name, g.id AS grid_id, g.name AS grid, ST_Transform(g.anchor, 3857) AS middle
    FROM tile, grid g JOIN duty d ON d.grid_id = g.id JOIN staff s ON s.id = d.staff_id
    WHERE g.plan_id = :plan_id AND g.anchor && tile.bounds AND d.role = 'terminal_administrator'
        AND upper_inf(d.recorded) AND d.valid @> current_date
), points AS (
    SELECT ST_AsMVTGeom(v.middle, tile.box, 4096, 0, false) AS geom, v.id, v.name, v.grid_id, v.grid
    FROM serving v, tile
    WHERE ST_X(v.middle) >= ST_XMin(tile.box) AND ST_X(v.middle) < ST_XMax(tile.box)
        AND ST_Y(v.middle) > ST_YMin(tile.box) AND ST_Y(v.middle) <= ST_YMax(tile.box)
)
SELECT ST_AsMVT(points, 'terminals', 4096, 'geom', 'id') FROM points;
