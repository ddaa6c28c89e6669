-- How many customers of a filter stand in each grid of this tile? Below zoom 13: one symbol a grid, as `count_cut` counted.
WITH tile AS MATERIALIZED (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_MakeEnvelope(
        :x * 360::float8 / (1 << :z) - 180, degrees(atan(sinh(pi() * (1 - (:y + 1) * 2::float8 / (1 << :z))))),
        (:x + 1) * 360::float8 / (1 << :z) - 180, degrees(atan(sinh(pi() * (1 - :y * 2::float8 / (1 << :z))))), 4326) AS bounds
), counted AS (
    SELECT * FROM unnest(CAST(:cut_grids AS bigint[]), CAST(:cut_existing AS int[]), CAST(:cut_prospects AS int[]))
        AS c (grid_id, existing, prospects)
), counts AS (
    SELECT ST_AsMVTGeom(ST_Transform(g.anchor, 3857), tile.box, 4096, 0, false) AS geom, g.id AS grid_id, c.existing,
        c.prospects, c.existing + c.prospects AS number
    FROM tile, grid g JOIN counted c ON c.grid_id = g.id
    WHERE g.plan_id = :plan_id
        AND ST_X(g.anchor) >= ST_XMin(tile.bounds) AND ST_X(g.anchor) < ST_XMax(tile.bounds)
        AND ST_Y(g.anchor) > ST_YMin(tile.bounds) AND ST_Y(g.anchor) <= ST_YMax(tile.bounds)
)
SELECT coalesce(ST_AsMVT(counts, 'customer_counts', 4096, 'geom'), '') FROM counts;
