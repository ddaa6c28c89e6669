-- What this run moved is decided anew for these customers: it no longer says how they stood before.
UPDATE assignment_move SET anew = true WHERE run_id = :run_id AND customer_id = ANY(CAST(:ids AS bigint[]))
