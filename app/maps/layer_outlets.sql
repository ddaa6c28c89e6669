-- Which houses of the bank stand in this tile?
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), houses AS (
    SELECT b.id, b.code, b.name, b.kind, b.branch_type, ST_Transform(b.geom, 3857) AS middle
    FROM branch b, tile WHERE b.geom && tile.bounds
), points AS (
    SELECT ST_AsMVTGeom(h.middle, tile.box, 4096, 0, false) AS geom, h.id, h.code, h.name, h.kind, h.branch_type
    FROM houses h, tile
    WHERE ST_X(h.middle) >= ST_XMin(tile.box) AND ST_X(h.middle) < ST_XMax(tile.box)
        AND ST_Y(h.middle) > ST_YMin(tile.box) AND ST_Y(h.middle) <= ST_YMax(tile.box)
)
SELECT ST_AsMVT(points, 'outlets', 4096, 'geom', 'id') FROM points;
