-- Which grids of a plan are made of this unit?
SELECT id, code FROM grid
WHERE plan_id = :plan_id AND level = 3 AND unit_codes @> ARRAY[CAST(:unit AS text)]
ORDER BY array_position(ARRAY['community', 'street', 'village'], kind), code
