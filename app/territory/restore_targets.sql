-- Writes targets of grids back under their own ids.
INSERT INTO grid_target OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(NULL::grid_target, row)).* FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS row
