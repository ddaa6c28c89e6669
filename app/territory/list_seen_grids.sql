-- Which level 3 grids of these plans are in the viewer's sight?
SELECT id FROM grid WHERE plan_id = ANY (CAST(:plan_ids AS bigint[])) AND level = 3
