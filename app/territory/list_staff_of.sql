-- Who in service belongs to this branch?
SELECT id, code, name, kind FROM staff WHERE branch_id = :branch_id AND active ORDER BY code COLLATE "C"
