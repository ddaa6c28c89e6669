-- Which level 3 grid of a plan has this code?
SELECT id FROM grid WHERE plan_id = :plan_id AND code = :code AND level = 3
