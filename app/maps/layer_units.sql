-- Which villages and communities lie in this tile, whoever holds them: the pale ground around a viewer's own?
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(u.geom, 3857), tile.box, 4096, 64, true) AS geom, u.code, u.name, u.kind
    FROM unit u, tile
    WHERE u.kind IN ('village', 'community', 'street') AND u.valid @> current_date
        AND u.geom && tile.bounds AND ST_Intersects(u.geom, tile.bounds)
)
SELECT ST_AsMVT(shapes, 'units', 4096, 'geom') FROM shapes WHERE geom IS NOT NULL;
