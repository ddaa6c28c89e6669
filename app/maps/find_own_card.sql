-- What is this thing of an own layer, how large is it, and of a rival's outlet: which house of ours is nearest?
WITH thing AS (
    SELECT f.id, f.name, f.class, f.shape, f.attributes, f.row, f.geom, l.key, l.zh, l.en, l.meaning, l.file_name,
        to_char(l.loaded_at, 'YYYY-MM-DD') AS loaded_on
    FROM map_feature f JOIN map_layer l ON l.id = f.layer_id WHERE f.id = :feature_id
), near AS (
    SELECT n.id, n.code, n.name, n.distance_m FROM thing, LATERAL (
        SELECT b.id, b.code, b.name, ST_Distance(b.geom::geography, ST_PointOnSurface(thing.geom)::geography) AS distance_m
        FROM (SELECT h.id, h.code, h.name, h.geom FROM branch h WHERE h.geom IS NOT NULL
            ORDER BY h.geom <-> ST_PointOnSurface(thing.geom) LIMIT 8) b
        ORDER BY distance_m, b.code LIMIT 1) n
    WHERE thing.meaning = 'competitors'
)
SELECT t.id, t.name, t.class, t.shape, t.attributes, t.row, t.key, t.zh, t.en, t.meaning, t.file_name, t.loaded_on,
    CASE t.shape WHEN 'line' THEN ST_Length(t.geom::geography) END AS length_m,
    CASE t.shape WHEN 'area' THEN ST_Area(t.geom::geography) END AS area_m2,
    ST_XMin(t.geom) AS west, ST_YMin(t.geom) AS south, ST_XMax(t.geom) AS east, ST_YMax(t.geom) AS north,
    CASE WHEN t.shape = 'point' THEN ST_X(ST_Centroid(t.geom)) END AS lon,
    CASE WHEN t.shape = 'point' THEN ST_Y(ST_Centroid(t.geom)) END AS lat,
    n.id AS near_id, n.code AS near_code, n.name AS near_name, n.distance_m
FROM thing t LEFT JOIN near n ON true;
