-- Which towns lie in this tile: their borders, and their names in the middle of each?
-- Towns are unit rows where the bank sent them, else the union of their villages and communities.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), parts AS (
    SELECT coalesce(u.town_code, u.code) AS code, coalesce(u.town_name, u.name) AS name, u.geom, u.kind
    FROM unit u
    WHERE u.valid @> current_date AND (u.kind = 'town'
        OR u.kind IN ('village', 'community', 'street') AND u.town_code IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM unit t WHERE t.kind = 'town' AND t.valid @> current_date))
), pieces AS (
    SELECT p.code, ST_AsMVTGeom(ST_Transform(p.geom, 3857), tile.box, 4096, 64, true) AS geom
    FROM parts p, tile
    WHERE p.geom && tile.bounds AND ST_Intersects(p.geom, tile.bounds)
), borders AS (
    SELECT code, ST_Boundary(ST_Union(geom)) AS geom FROM pieces WHERE geom IS NOT NULL GROUP BY code
), middles AS (
    SELECT code, name, ST_X(spot) AS lon, ST_Y(spot) AS lat, ST_Transform(spot, 3857) AS middle
    FROM (SELECT code, min(name) AS name, ST_Centroid(ST_Collect(ST_Centroid(geom))) AS spot FROM parts GROUP BY code) t
), names AS (
    SELECT ST_AsMVTGeom(m.middle, tile.box, 4096, 0, false) AS geom, m.code, m.name, m.lon, m.lat
    FROM middles m, tile
    WHERE ST_X(m.middle) >= ST_XMin(tile.box) AND ST_X(m.middle) < ST_XMax(tile.box)
        AND ST_Y(m.middle) > ST_YMin(tile.box) AND ST_Y(m.middle) <= ST_YMax(tile.box)
)
SELECT (SELECT coalesce(ST_AsMVT(borders, 'towns', 4096, 'geom'), '') FROM borders)
    || (SELECT coalesce(ST_AsMVT(names, 'town_names', 4096, 'geom'), '') FROM names WHERE geom IS NOT NULL);
