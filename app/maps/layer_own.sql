-- What of an own layer lies in this tile? Nothing at all (NULL) where this viewer has no such layer. What is smaller
-- than two pixels is a dot, and dots within two pixels are one with their number, so that what is drawn sums to all there is.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds,
        40075016.6856 / (1 << CAST(:z AS integer)) / 256 AS dot_m
), own AS (
    SELECT l.id FROM map_layer l WHERE l.key = :own_key
), found AS (
    SELECT f.id, f.name, f.class, f.shape, f.geom, f.breadth_m, f.shape = 'point' OR f.extent_m < tile.dot_m AS is_dot, tile.dot_m
    FROM tile, own JOIN map_feature f ON f.layer_id = own.id WHERE f.geom && tile.bounds
), spots AS (
    SELECT f.id, f.name, f.class, f.shape, f.dot_m, (ST_Dump(CASE WHEN ST_GeometryType(f.geom) = 'ST_MultiPoint'
        THEN f.geom ELSE ST_Centroid(f.geom) END)).geom AS spot FROM found f WHERE f.is_dot
), middles AS (
    SELECT s.id, s.name, s.class, s.shape, s.dot_m, ST_Transform(s.spot, 3857) AS middle FROM spots s
), dots AS (
    SELECT min(m.id) AS id, CASE WHEN count(*) = 1 THEN min(m.name) ELSE '× ' || count(*) END AS name, m.class, count(*) AS number,
        CASE WHEN bool_or(m.shape = 'point') THEN 'point' ELSE 'dot' END AS shape,
        ST_SetSRID(ST_MakePoint(avg(ST_X(m.middle)), avg(ST_Y(m.middle))), 3857) AS middle
    FROM middles m, tile
    WHERE ST_X(m.middle) >= ST_XMin(tile.box) AND ST_X(m.middle) < ST_XMax(tile.box)
        AND ST_Y(m.middle) > ST_YMin(tile.box) AND ST_Y(m.middle) <= ST_YMax(tile.box)
    GROUP BY m.class, floor(ST_X(m.middle) / m.dot_m), floor(ST_Y(m.middle) / m.dot_m)
), lines AS (
    -- An area that is too narrow to be filled is drawn by its border, whose two sides are one on the tile's own mesh.
    SELECT f.id, f.name, f.class, 'line' AS shape,
        ST_UnaryUnion(ST_SnapToGrid(ST_Transform(ST_Boundary(f.geom), 3857), f.dot_m / 16)) AS geom
    FROM found f WHERE NOT f.is_dot AND f.shape = 'area' AND f.breadth_m < f.dot_m / 4
    UNION ALL
    SELECT f.id, f.name, f.class, f.shape, ST_Transform(f.geom, 3857) AS geom
    FROM found f WHERE NOT f.is_dot AND NOT (f.shape = 'area' AND f.breadth_m < f.dot_m / 4)
), drawn AS (
    SELECT l.id, l.name, l.class, l.shape, 1 AS number, ST_AsMVTGeom(l.geom, tile.box, 4096, 64, true) AS geom FROM lines l, tile
    UNION ALL
    SELECT d.id, d.name, d.class, d.shape, d.number, ST_AsMVTGeom(d.middle, tile.box, 4096, 64, false) FROM dots d, tile
), sorted AS (
    SELECT id, name, class, shape, number, geom FROM drawn WHERE geom IS NOT NULL
    ORDER BY shape <> 'area', shape <> 'line', shape <> 'dot', id
)
SELECT (SELECT ST_AsMVT(sorted, 'own_' || CAST(:own_key AS text), 4096, 'geom', 'id') FROM sorted) FROM own;
