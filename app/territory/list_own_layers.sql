-- Which own layers may this viewer see, with what they hold and where it came from?
SELECT l.key, l.zh, l.en, l.why_zh, l.why_en, l.meaning, l.audience, l.colour, l.name_column, l.class_column, l.features,
    l.file_name, l.loaded_at, coalesce((l.report ->> 'left_out')::bigint, 0) AS left_out
FROM map_layer l ORDER BY l.key;
