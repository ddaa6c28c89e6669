-- Ends all duties on a plan's grids on a day; what was recorded before stays readable as it was known then.
WITH closed AS (
    UPDATE duty d SET recorded = tstzrange(lower(recorded), greatest(lower(recorded), CAST(:at AS timestamptz)))
    FROM grid g
    WHERE g.id = d.grid_id AND g.plan_id = :plan_id AND upper_inf(d.recorded)
      AND d.valid && daterange(CAST(:on AS date), NULL)
    RETURNING d.grid_id, d.staff_id, d.role, d.valid, d.reason
)
INSERT INTO duty (grid_id, staff_id, role, valid, recorded, reason)
SELECT grid_id, staff_id, role, daterange(lower(valid), CAST(:on AS date)), tstzrange(CAST(:at AS timestamptz), NULL), reason
FROM closed
WHERE lower(valid) < CAST(:on AS date)
