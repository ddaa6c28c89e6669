-- Who left which grid for which other within this run; the grid where the run before had him stays as it was told.
INSERT INTO assignment_move (run_id, customer_id, from_grid_id, to_grid_id, from_key, to_key, anew)
SELECT :run_id, r.customer_id, r.from_grid_id, r.to_grid_id, f.key_id, t.key_id, true
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (customer_id bigint, from_grid_id bigint, to_grid_id bigint)
LEFT JOIN grid f ON f.id = r.from_grid_id LEFT JOIN grid t ON t.id = r.to_grid_id
ON CONFLICT (run_id, customer_id) DO UPDATE SET to_grid_id = excluded.to_grid_id, to_key = excluded.to_key,
    anew = true, moved_at = now()
