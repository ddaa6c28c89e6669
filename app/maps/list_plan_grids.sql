-- Which grids of a plan are in sight?
SELECT array_agg(id ORDER BY id) FROM grid WHERE plan_id = :plan_id AND level = 3
