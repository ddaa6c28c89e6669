-- Which grids of a plan have these codes, in sight?
SELECT id, code FROM grid WHERE plan_id = :plan_id AND level = 3 AND code = ANY (CAST(:codes AS text[]))
