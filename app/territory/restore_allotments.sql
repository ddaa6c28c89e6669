-- Writes offers back under their own ids.
INSERT INTO allotment OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(NULL::allotment, row)).* FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS row
