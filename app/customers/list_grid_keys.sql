-- The grids of the plan in which customers stand now, by their lasting key.
SELECT id, key_id FROM grid WHERE plan_id = (SELECT plan_id FROM assignment_run WHERE current)
