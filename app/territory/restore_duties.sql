-- Writes duties back under their own ids.
INSERT INTO duty OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(NULL::duty, row)).* FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS row
