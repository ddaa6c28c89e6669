-- Who is back in the grid where he was has not moved; what a run itself moved is kept, to be taken back.
DELETE FROM assignment_move
WHERE run_id = :run_id AND customer_id = ANY(CAST(:ids AS bigint[])) AND from_run_id IS NULL
    AND from_key IS NOT DISTINCT FROM to_key
