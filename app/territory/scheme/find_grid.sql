-- Which plan is this grid of, where the viewer works in it? One that is only offered is his to look at.
SELECT id, plan_id, kind, code, name, branch_id FROM grid
WHERE id = :grid_id AND (current_user <> 'getu_scoped' OR id = ANY ((SELECT getu_viewer_grids())::bigint[]))
