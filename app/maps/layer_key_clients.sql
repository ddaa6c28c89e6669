-- Which strategic and key clients live in this tile? Those without a point are one hollow symbol a grid, with their number.
-- They are few, so they are found through the grids (index on grid and tier) and cut to the tile afterwards.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box
), clients AS (
    SELECT a.tier, a.grid_id, a.geom IS NOT NULL AS placed, a.geom AS spot, g.anchor
    FROM grid g JOIN assignment a ON a.grid_id = g.id AND a.tier IN ('strategic', 'key')
    WHERE g.plan_id = :plan_id
), symbols AS (
    SELECT tier, grid_id, placed, 1 AS number, ST_Transform(spot, 3857) AS middle FROM clients WHERE placed
    UNION ALL
    SELECT tier, grid_id, placed, count(*)::int, ST_Transform(anchor, 3857) FROM clients WHERE NOT placed
    GROUP BY tier, grid_id, placed, anchor
), points AS (
    SELECT ST_AsMVTGeom(s.middle, tile.box, 4096, 0, false) AS geom, s.tier, s.grid_id, s.placed, s.number
    FROM symbols s, tile
    WHERE ST_X(s.middle) >= ST_XMin(tile.box) AND ST_X(s.middle) < ST_XMax(tile.box)
        AND ST_Y(s.middle) > ST_YMin(tile.box) AND ST_Y(s.middle) <= ST_YMax(tile.box)
)
SELECT ST_AsMVT(points, 'key_clients', 4096, 'geom') FROM points;
