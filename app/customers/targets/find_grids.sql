-- Which grids of a plan have these codes, where the viewer works in them? One that is only offered is his to look at.
SELECT id, code FROM grid
WHERE plan_id = :plan_id AND level = 3 AND code = ANY (CAST(:codes AS text[]))
    AND (current_user <> 'getu_scoped' OR id = ANY ((SELECT getu_viewer_grids())::bigint[]))
