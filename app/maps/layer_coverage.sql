-- How well is each grid in this tile served: households covered of all, customers of all we know of?
-- A rate without a denominator is left out: the map draws it grey, never as nought.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box
), outline AS (
    SELECT o.id, substring(CAST(:shape_pile AS bytea) FROM o.start FOR o.bytes) AS shape
    FROM unnest(CAST(:shape_ids AS bigint[]), CAST(:shape_starts AS int[]), CAST(:shape_bytes AS int[])) AS o (id, start, bytes)
), shapes AS MATERIALIZED (
    SELECT ST_AsMVTGeom(ST_GeomFromWKB(o.shape, 3857), tile.box, 4096, 64, true) AS geom, g.id, g.id AS grid_id, g.code,
        g.name, g.households, c.covered_households, c.existing, c.prospects, c.located_existing, c.filed, c.visited,
        c.covered_households::float8 / nullif(g.households, 0) AS coverage,
        c.existing::float8 / nullif(c.existing + c.prospects, 0) AS penetration
    FROM tile, outline o JOIN grid g ON g.id = o.id LEFT JOIN grid_count c ON c.grid_id = g.id
    WHERE g.plan_id = :plan_id AND g.level = 3
    ORDER BY g.area_m2 DESC
)
SELECT ST_AsMVT(shapes, 'coverage', 4096, 'geom', 'id') FROM shapes WHERE geom IS NOT NULL;
