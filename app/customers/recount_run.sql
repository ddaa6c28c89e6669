-- The run's own counts follow those who were assigned anew within it; the database checks that they sum.
UPDATE assignment_run SET total = :total, assigned = :assigned, contested = :contested, outside = :outside,
    unlocated = :unlocated, by_method = CAST(:by_method AS jsonb), unassigned = CAST(:unassigned AS jsonb),
    reassigned = reassigned + 1
WHERE id = :run_id
