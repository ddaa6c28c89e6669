-- Ends what stands for a grid and role from a day on; what was recorded before stays readable as it was known.
WITH closed AS (
    UPDATE duty SET recorded = tstzrange(lower(recorded), greatest(lower(recorded), statement_timestamp()))
    WHERE grid_id = :grid_id AND role = :role AND upper_inf(recorded)
      AND valid && daterange(CAST(:valid_from AS date), NULL)
    RETURNING grid_id, staff_id, role, valid, reason
)
INSERT INTO duty (grid_id, staff_id, role, valid, recorded, reason)
SELECT grid_id, staff_id, role, daterange(lower(valid), CAST(:valid_from AS date)),
       tstzrange(statement_timestamp(), NULL), reason
FROM closed
WHERE lower(valid) < CAST(:valid_from AS date)
