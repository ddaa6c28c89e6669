-- What these corrections taught holds again; about which prefixes is that?
UPDATE place_correction SET ended_at = NULL WHERE id = ANY(CAST(:ids AS bigint[]))
RETURNING prefix
