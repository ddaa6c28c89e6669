-- Gives all grids of one branch in a plan to another branch.
UPDATE grid SET branch_id = :into_id, version = version + 1 WHERE plan_id = :plan_id AND branch_id = :branch_id
