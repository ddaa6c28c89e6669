-- How many points, lines and areas of each class stand in an own layer, as this viewer may see it? A thing of several
-- points counts each; classes that are not named here are NULL together.
SELECT CASE WHEN f.class = ANY (CAST(:classes AS text[])) THEN f.class END AS class, f.shape,
    sum(CASE f.shape WHEN 'point' THEN ST_NumGeometries(f.geom) ELSE 1 END) AS number
FROM map_layer l JOIN map_feature f ON f.layer_id = l.id
WHERE l.key = :own_key GROUP BY 1, 2 ORDER BY 1, 2;
