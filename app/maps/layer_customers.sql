-- How many customers stand in this tile? Below zoom 13 one symbol a grid with all of them; from 13 a point each,
-- and one symbol a grid for those who are known only to village level: what is shown sums to what is true.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), grids AS (
    SELECT g.id, ST_Transform(g.anchor, 3857) AS middle
    FROM grid g, tile WHERE g.plan_id = :plan_id AND g.geom && tile.bounds
), here AS (
    SELECT g.id, g.middle FROM grids g, tile
    WHERE ST_X(g.middle) >= ST_XMin(tile.box) AND ST_X(g.middle) < ST_XMax(tile.box)
        AND ST_Y(g.middle) > ST_YMin(tile.box) AND ST_Y(g.middle) <= ST_YMax(tile.box)
), counted AS (
    SELECT h.id, h.middle, c.existing, c.prospects FROM here h JOIN grid_count c ON c.grid_id = h.id WHERE :z < 13
    UNION ALL
    SELECT h.id, h.middle, count(*) FILTER (WHERE a.standing = 'existing'), count(*) FILTER (WHERE a.standing = 'prospect')
    FROM here h JOIN assignment a ON a.grid_id = h.id
    WHERE :z >= 13 AND a.geom IS NULL GROUP BY h.id, h.middle
), counts AS (
    SELECT ST_AsMVTGeom(c.middle, tile.box, 4096, 0, false) AS geom, c.id AS grid_id, c.existing::int, c.prospects::int,
        (c.existing + c.prospects)::int AS number
    FROM counted c, tile WHERE c.existing + c.prospects > 0
), living AS (
    SELECT a.customer_id AS id, a.grid_id, a.standing = 'existing' AS existing, a.tier, a.rung, ST_Transform(a.geom, 3857) AS middle
    FROM assignment a, tile WHERE :z >= 13 AND a.grid_id IS NOT NULL AND a.geom && tile.bounds
), points AS (
    SELECT ST_AsMVTGeom(l.middle, tile.box, 4096, 0, false) AS geom, l.id, l.grid_id, l.existing, l.tier, l.rung
    FROM living l, tile
    WHERE ST_X(l.middle) >= ST_XMin(tile.box) AND ST_X(l.middle) < ST_XMax(tile.box)
        AND ST_Y(l.middle) > ST_YMin(tile.box) AND ST_Y(l.middle) <= ST_YMax(tile.box)
)
SELECT (SELECT coalesce(ST_AsMVT(counts, 'customer_counts', 4096, 'geom'), '') FROM counts)
    || (SELECT coalesce(ST_AsMVT(points, 'customers', 4096, 'geom', 'id'), '') FROM points);
