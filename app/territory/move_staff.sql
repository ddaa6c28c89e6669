-- Moves these people, where they still belong to one branch, to another.
UPDATE staff SET branch_id = :into_id WHERE id = ANY (CAST(:staff_ids AS bigint[])) AND branch_id = :branch_id
