-- Which grids of a plan are in sight?
SELECT id FROM grid WHERE plan_id = :plan_id AND level = 3 ORDER BY id
