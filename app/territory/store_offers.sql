-- Offers grids to a branch or to one of its people, in one batch.
INSERT INTO allotment (plan_id, grid_id, batch, step, branch_id, staff_id, role, valid_from, reason, former_branch_id,
                       offered_by)
SELECT :plan_id, o.grid_id, :batch, :step, o.branch_id, CAST(:staff_id AS bigint), :role, :valid_from,
       CAST(:reason AS text), o.former_id, CAST(:user_id AS bigint)
FROM unnest(CAST(:grid_ids AS bigint[]), CAST(:branch_ids AS bigint[]), CAST(:former_ids AS bigint[]))
    AS o (grid_id, branch_id, former_id)
