-- Lets units be valid again as they were.
UPDATE unit u SET valid = CAST(r.was AS daterange)
FROM unnest(CAST(:unit_ids AS bigint[]), CAST(:was AS text[])) AS r (id, was)
WHERE u.id = r.id
