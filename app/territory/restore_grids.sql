-- Writes grids as a list of their rows says, under their own ids: those that are there change, the others come back.
INSERT INTO grid OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(NULL::grid, row)).* FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS row
ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name, kind = excluded.kind,
    branch_id = excluded.branch_id, unit_codes = excluded.unit_codes, town_code = excluded.town_code,
    town_name = excluded.town_name, households = excluded.households, geom = excluded.geom, anchor = excluded.anchor,
    area_m2 = excluded.area_m2, colour_no = excluded.colour_no, version = excluded.version, locked = excluded.locked,
    allotted = excluded.allotted
