-- Writes spans of duty, known from this moment on.
INSERT INTO duty (grid_id, role, staff_id, valid, recorded, reason)
SELECT grid_id, role, staff_id, daterange(begins, ends), tstzrange(CAST(:at AS timestamptz), NULL), reason
FROM unnest(CAST(:grid_ids AS bigint[]), CAST(:roles AS text[]), CAST(:staff_ids AS bigint[]), CAST(:begins AS date[]),
            CAST(:ends AS date[]), CAST(:reasons AS text[])) AS s (grid_id, role, staff_id, begins, ends, reason)
