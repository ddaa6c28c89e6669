-- Ends what stands for grids and roles, each from a day on; what was recorded before stays readable as it was known.
WITH handed AS (
    SELECT * FROM unnest(CAST(:grid_ids AS bigint[]), CAST(:roles AS text[]), CAST(:begins AS date[]))
        AS h (grid_id, role, begins)
), closed AS (
    UPDATE duty d SET recorded = tstzrange(lower(d.recorded), greatest(lower(d.recorded), statement_timestamp()))
    FROM handed h
    WHERE d.grid_id = h.grid_id AND d.role = h.role AND upper_inf(d.recorded) AND d.valid && daterange(h.begins, NULL)
    RETURNING d.grid_id, d.staff_id, d.role, d.valid, d.reason, h.begins
)
INSERT INTO duty (grid_id, staff_id, role, valid, recorded, reason)
SELECT grid_id, staff_id, role, daterange(lower(valid), begins), tstzrange(statement_timestamp(), NULL), reason
FROM closed
WHERE lower(valid) < begins
