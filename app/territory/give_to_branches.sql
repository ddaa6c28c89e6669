-- Grids join the pools of the branches that accepted them.
UPDATE grid g SET branch_id = o.branch_id, allotted = 'in_branch', version = g.version + 1
FROM unnest(CAST(:grid_ids AS bigint[]), CAST(:branch_ids AS bigint[])) AS o (grid_id, branch_id)
WHERE g.id = o.grid_id
