-- Sets what grids are to reach in a period; what was told as done stays.
INSERT INTO grid_target (grid_id, measure, period, target, set_by)
SELECT t.grid_id, t.measure, :period, t.target, :user_id
FROM unnest(CAST(:grid_ids AS bigint[]), CAST(:measures AS text[]), CAST(:targets AS numeric[])) AS t (grid_id, measure, target)
ON CONFLICT (grid_id, measure, period) DO UPDATE SET target = excluded.target, set_by = excluded.set_by, set_at = now()
