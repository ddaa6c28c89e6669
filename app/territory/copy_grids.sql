-- Copies all grids of one plan into another, each as version 1.
INSERT INTO grid (plan_id, code, name, kind, level, branch_id, unit_codes, town_code, town_name, households, geom,
                  anchor, area_m2, colour_no)
SELECT :to_id, code, name, kind, level, branch_id, unit_codes, town_code, town_name, households, geom, anchor, area_m2,
       colour_no
FROM grid WHERE plan_id = :from_id
