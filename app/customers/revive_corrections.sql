-- What these corrections taught holds again.
UPDATE place_correction SET ended_at = NULL WHERE id = ANY(CAST(:ids AS bigint[]))
