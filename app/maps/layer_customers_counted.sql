-- How many customers stand in each grid of this tile? Below zoom 13: one symbol a grid, counted before.
-- A tile's edges are told in degrees, each edge once for both its sides: every anchor is in one tile, and none is projected
-- but to be drawn.
WITH tile AS MATERIALIZED (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_MakeEnvelope(
        :x * 360::float8 / (1 << :z) - 180, degrees(atan(sinh(pi() * (1 - (:y + 1) * 2::float8 / (1 << :z))))),
        (:x + 1) * 360::float8 / (1 << :z) - 180, degrees(atan(sinh(pi() * (1 - :y * 2::float8 / (1 << :z))))), 4326) AS bounds
), counts AS (
    SELECT ST_AsMVTGeom(ST_Transform(g.anchor, 3857), tile.box, 4096, 0, false) AS geom, g.id AS grid_id, c.existing::int,
        c.prospects::int, (c.existing + c.prospects)::int AS number
    FROM tile, grid g JOIN grid_count c ON c.grid_id = g.id
    WHERE g.plan_id = :plan_id AND c.existing + c.prospects > 0
        AND ST_X(g.anchor) >= ST_XMin(tile.bounds) AND ST_X(g.anchor) < ST_XMax(tile.bounds)
        AND ST_Y(g.anchor) > ST_YMin(tile.bounds) AND ST_Y(g.anchor) <= ST_YMax(tile.bounds)
)
SELECT coalesce(ST_AsMVT(counts, 'customer_counts', 4096, 'geom'), '') FROM counts;
