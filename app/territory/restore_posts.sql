-- Writes posts of grids back.
INSERT INTO grid_post
SELECT (jsonb_populate_record(NULL::grid_post, row)).* FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS row
