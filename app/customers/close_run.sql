-- The run is finished and is the current one in place of the one before; the database checks that its counts sum.
WITH retired AS (
    UPDATE assignment_run SET current = false WHERE current AND id <> :run_id RETURNING id
)
UPDATE assignment_run SET current = true, total = :total, assigned = :assigned, contested = :contested,
    outside = :outside, unlocated = :unlocated, by_method = CAST(:by_method AS jsonb),
    unassigned = CAST(:unassigned AS jsonb), finished_at = clock_timestamp()
WHERE id = :run_id AND (SELECT count(*) FROM retired) >= 0
