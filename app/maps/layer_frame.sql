-- What of the bank's frame lies in this tile?
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(p.frame, 3857), tile.box, 4096, 64, true) AS geom, p.code
    FROM plan p, tile
    WHERE p.id = :plan_id AND p.frame && tile.bounds AND ST_Intersects(p.frame, tile.bounds)
)
SELECT ST_AsMVT(shapes, 'frame', 4096, 'geom') FROM shapes WHERE geom IS NOT NULL;
