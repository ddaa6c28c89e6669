-- Which of these codes has a plan given to grids already?
SELECT id, code FROM grid WHERE plan_id = :plan_id AND code = ANY (CAST(:codes AS text[]))
