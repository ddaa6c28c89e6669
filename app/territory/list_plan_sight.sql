-- Which level 3 grids of a plan are the viewer's own? One that is only offered to him is his to look at, not to change.
SELECT id FROM grid WHERE plan_id = :plan_id AND level = 3 AND id = ANY ((SELECT getu_viewer_grids())::bigint[])
