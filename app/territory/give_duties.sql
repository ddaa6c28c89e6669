-- Gives grids to people, each in one role from a day on, known from this moment.
INSERT INTO duty (grid_id, staff_id, role, valid, recorded, reason)
SELECT grid_id, staff_id, role, daterange(begins, NULL), tstzrange(statement_timestamp(), NULL), reason
FROM unnest(CAST(:grid_ids AS bigint[]), CAST(:staff_ids AS bigint[]), CAST(:roles AS text[]),
            CAST(:begins AS date[]), CAST(:reasons AS text[])) AS d (grid_id, staff_id, role, begins, reason)
RETURNING id
