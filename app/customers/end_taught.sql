-- What these steps taught no longer holds; about which prefixes was that?
UPDATE place_correction SET ended_at = now() WHERE step_id = ANY(CAST(:steps AS bigint[])) AND ended_at IS NULL
RETURNING prefix
