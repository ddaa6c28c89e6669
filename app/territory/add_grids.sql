-- Adds grids to a plan from a list of their facts; returns the id of each code.
INSERT INTO grid (plan_id, code, name, kind, level, branch_id, unit_codes, town_code, town_name, households, geom, anchor,
    area_m2, colour_no, allotted)
SELECT r.plan_id, r.code, r.name, r.kind, 3, r.branch_id, coalesce(r.unit_codes, '{}'), r.town_code, r.town_name,
    r.households, r.geom, r.anchor, r.area_m2, r.colour_no, r.allotted
FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS row, jsonb_populate_record(NULL::grid, row) AS r
RETURNING id, code
