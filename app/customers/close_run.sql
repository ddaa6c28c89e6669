-- The run is finished and is now the current one; the database checks that its counts sum.
UPDATE assignment_run SET current = true, total = :total, assigned = :assigned, contested = :contested,
    outside = :outside, unlocated = :unlocated, by_method = CAST(:by_method AS jsonb),
    unassigned = CAST(:unassigned AS jsonb), finished_at = clock_timestamp()
WHERE id = :run_id
