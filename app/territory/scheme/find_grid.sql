-- Is this grid in sight, and which plan is it of?
SELECT id, plan_id, kind, code, name, branch_id FROM grid WHERE id = :grid_id
