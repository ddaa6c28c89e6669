-- The run's totals follow its customers; the database checks that they sum.
UPDATE assignment_run SET total = :total, assigned = :assigned, contested = :contested, outside = :outside,
    unlocated = :unlocated, by_method = CAST(:by_method AS jsonb), unassigned = CAST(:unassigned AS jsonb)
WHERE id = :run_id
