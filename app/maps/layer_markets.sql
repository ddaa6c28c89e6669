-- Which markets, districts, parks and compounds lie in this tile, with their names?
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), places AS (
    SELECT u.id, u.code, u.name, u.kind, u.geom, u.area_m2 FROM unit u
    WHERE u.kind IN ('market', 'district', 'park', 'compound') AND u.valid @> current_date
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(p.geom, 3857), tile.box, 4096, 64, true) AS geom, p.id, p.code, p.name, p.kind
    FROM places p, tile WHERE p.geom && tile.bounds AND ST_Intersects(p.geom, tile.bounds) ORDER BY p.area_m2 DESC
), middles AS (
    SELECT p.id, p.name, p.kind, ST_Transform(ST_PointOnSurface(p.geom), 3857) AS middle FROM places p, tile WHERE p.geom && tile.bounds
), names AS (
    SELECT ST_AsMVTGeom(v.middle, tile.box, 4096, 0, false) AS geom, v.id, v.name, v.kind
    FROM middles v, tile
    WHERE ST_X(v.middle) >= ST_XMin(tile.box) AND ST_X(v.middle) < ST_XMax(tile.box)
        AND ST_Y(v.middle) > ST_YMin(tile.box) AND ST_Y(v.middle) <= ST_YMax(tile.box)
)
SELECT (SELECT coalesce(ST_AsMVT(shapes, 'markets', 4096, 'geom', 'id'), '') FROM shapes WHERE geom IS NOT NULL)
    || (SELECT coalesce(ST_AsMVT(names, 'market_names', 4096, 'geom'), '') FROM names);
