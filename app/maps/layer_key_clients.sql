-- Which strategic and key clients live in this tile? Those without a point are one hollow symbol a grid, with their number.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), clients AS (
    SELECT a.tier, a.grid_id, true AS placed, 1 AS number, ST_Transform(a.geom, 3857) AS middle
    FROM assignment a, tile
    WHERE a.tier IN ('strategic', 'key') AND a.grid_id IS NOT NULL AND a.geom && tile.bounds
    UNION ALL
    SELECT a.tier, a.grid_id, false, count(*)::int, ST_Transform(g.anchor, 3857)
    FROM tile, grid g JOIN assignment a ON a.grid_id = g.id
    WHERE a.tier IN ('strategic', 'key') AND a.geom IS NULL AND g.geom && tile.bounds
    GROUP BY a.tier, a.grid_id, g.anchor
), points AS (
    SELECT ST_AsMVTGeom(c.middle, tile.box, 4096, 0, false) AS geom, c.tier, c.grid_id, c.placed, c.number
    FROM clients c, tile
    WHERE ST_X(c.middle) >= ST_XMin(tile.box) AND ST_X(c.middle) < ST_XMax(tile.box)
        AND ST_Y(c.middle) > ST_YMin(tile.box) AND ST_Y(c.middle) <= ST_YMax(tile.box)
)
SELECT ST_AsMVT(points, 'key_clients', 4096, 'geom') FROM points;
