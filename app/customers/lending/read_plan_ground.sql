-- The level 3 grids of a plan with their shapes and units.
SELECT id, code, name, kind, unit_codes, ST_AsBinary(geom) AS wkb
FROM grid WHERE plan_id = :plan_id AND level = 3
