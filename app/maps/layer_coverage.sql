-- How well is each grid in this tile served: households covered of all, customers of all we know of?
-- A rate without a denominator is left out: the map draws it grey, never as nought.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(g.geom, 3857), tile.box, 4096, 64, true) AS geom, g.id, g.id AS grid_id, g.code,
        g.name, g.households, c.covered_households, c.existing, c.prospects,
        c.covered_households::float8 / nullif(g.households, 0) AS coverage,
        c.existing::float8 / nullif(c.existing + c.prospects, 0) AS penetration
    FROM tile, grid g LEFT JOIN grid_count c ON c.grid_id = g.id
    WHERE g.plan_id = :plan_id AND g.level = 3 AND g.geom && tile.bounds AND ST_Intersects(g.geom, tile.bounds)
    ORDER BY g.area_m2 DESC
)
SELECT ST_AsMVT(shapes, 'coverage', 4096, 'geom', 'id') FROM shapes WHERE geom IS NOT NULL;
