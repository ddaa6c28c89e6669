-- Which own layers may this viewer see, and what are they drawn with? All of them, or the one of a key.
SELECT l.key, l.zh, l.en, l.why_zh, l.why_en, l.meaning, l.audience, l.colour, l.features,
    l.file_name, to_char(l.loaded_at, 'YYYY-MM-DD') AS loaded_on,
    ARRAY(SELECT DISTINCT f.shape FROM map_feature f WHERE f.layer_id = l.id) AS shapes,
    CASE WHEN l.class_column IS NULL THEN '{}' ELSE (SELECT array_agg(c.class ORDER BY c.number DESC, c.class) FROM (
        SELECT f.class, count(*) AS number FROM map_feature f WHERE f.layer_id = l.id AND f.class IS NOT NULL
        GROUP BY f.class ORDER BY 2 DESC, 1 LIMIT 8) c) END AS classes
FROM map_layer l WHERE CAST(:own_key AS text) IS NULL OR l.key = :own_key ORDER BY l.meaning, l.zh, l.key;
