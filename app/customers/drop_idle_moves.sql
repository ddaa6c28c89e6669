-- Who is back in the grid where he was has not moved.
DELETE FROM assignment_move
WHERE run_id = :run_id AND customer_id = ANY(CAST(:ids AS bigint[])) AND from_grid_id IS NOT DISTINCT FROM to_grid_id
