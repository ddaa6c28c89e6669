-- What earlier decisions about this customer taught no longer holds; which corrections were that?
UPDATE place_correction SET ended_at = now() WHERE customer_id = ANY(CAST(:ids AS bigint[])) AND ended_at IS NULL
RETURNING id, prefix
