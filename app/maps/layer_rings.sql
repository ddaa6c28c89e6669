-- Which ground lies within a kilometre of each outlet? Circles in true metres on the spheroid, cut to the tile.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), circles AS (
    SELECT b.id, b.name, b.kind, ST_Buffer(b.geom::geography, 1000, 24)::geometry AS geom
    FROM branch b, tile WHERE b.geom && ST_Expand(tile.bounds, 0.02)
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(c.geom, 3857), tile.box, 4096, 64, true) AS geom, c.id, c.name, c.kind
    FROM circles c, tile WHERE c.geom && tile.bounds AND ST_Intersects(c.geom, tile.bounds)
)
SELECT ST_AsMVT(shapes, 'rings', 4096, 'geom', 'id') FROM shapes WHERE geom IS NOT NULL;
