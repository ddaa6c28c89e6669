-- Which level 3 grids of a plan are in the viewer's sight?
SELECT id FROM grid WHERE plan_id = :plan_id AND level = 3
