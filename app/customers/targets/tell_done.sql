-- Tells how much of a target is done, where nobody counts it; returns the targets that were found.
UPDATE grid_target g SET done = t.done
FROM unnest(CAST(:grid_ids AS bigint[]), CAST(:done AS numeric[])) AS t (grid_id, done)
WHERE g.grid_id = t.grid_id AND g.measure = :measure AND g.period = :period
RETURNING g.id
