-- An own layer written anew under its key, with the words, the file and the report of this load; its id.
INSERT INTO map_layer (key, zh, en, why_zh, why_en, meaning, audience, colour, name_column, class_column, features,
    file_name, sha256, report, loaded_by, loaded_at)
VALUES (:key, :zh, :en, :why_zh, :why_en, :meaning, :audience, :colour, :name_column, :class_column, :features,
    :file_name, :sha256, CAST(:report AS jsonb), :loaded_by, now())
ON CONFLICT (key) DO UPDATE SET zh = excluded.zh, en = excluded.en, why_zh = excluded.why_zh, why_en = excluded.why_en,
    meaning = excluded.meaning, audience = excluded.audience, colour = excluded.colour,
    name_column = excluded.name_column, class_column = excluded.class_column, features = excluded.features,
    file_name = excluded.file_name, sha256 = excluded.sha256, report = excluded.report, loaded_by = excluded.loaded_by,
    loaded_at = excluded.loaded_at
RETURNING id;
