-- Where are those who are no customers yet? Below zoom 13 one symbol a grid with their number; from 13 a point each, and one
-- symbol a grid for those who are known only to village level.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), here AS (
    SELECT v.id, v.name, v.middle
    FROM (SELECT g.id, g.name, g.anchor, ST_Transform(g.anchor, 3857) AS middle FROM grid g, tile
        WHERE g.plan_id = :plan_id AND g.anchor && tile.bounds) v, tile
    WHERE ST_X(v.middle) >= ST_XMin(tile.box) AND ST_X(v.middle) < ST_XMax(tile.box)
        AND ST_Y(v.middle) > ST_YMin(tile.box) AND ST_Y(v.middle) <= ST_YMax(tile.box)
), counted AS (
    SELECT h.id, h.name, h.middle, c.prospects AS number FROM here h JOIN grid_count c ON c.grid_id = h.id WHERE :z < 13
    UNION ALL
    SELECT h.id, h.name, h.middle, count(*)::int FROM here h JOIN assignment a ON a.grid_id = h.id
    WHERE :z >= 13 AND a.geom IS NULL AND a.standing = 'prospect' GROUP BY h.id, h.name, h.middle
), counts AS (
    SELECT ST_AsMVTGeom(c.middle, tile.box, 4096, 0, false) AS geom, c.id AS grid_id, c.name, c.number
    FROM counted c, tile WHERE c.number > 0
), living AS (
    SELECT a.customer_id AS id, a.grid_id, ST_Transform(a.geom, 3857) AS middle
    FROM assignment a, tile
    WHERE :z >= 13 AND a.grid_id IS NOT NULL AND a.standing = 'prospect' AND a.geom && tile.bounds
), points AS (
    SELECT ST_AsMVTGeom(v.middle, tile.box, 4096, 0, false) AS geom, v.id, v.grid_id
    FROM living v, tile
    WHERE ST_X(v.middle) >= ST_XMin(tile.box) AND ST_X(v.middle) < ST_XMax(tile.box)
        AND ST_Y(v.middle) > ST_YMin(tile.box) AND ST_Y(v.middle) <= ST_YMax(tile.box)
)
SELECT (SELECT coalesce(ST_AsMVT(counts, 'prospect_counts', 4096, 'geom'), '') FROM counts)
    || (SELECT coalesce(ST_AsMVT(points, 'prospects', 4096, 'geom', 'id'), '') FROM points);
