-- Gives back the duties that the end of a plan on a day had cut (at that moment), where they stand as it left them.
WITH ended AS (
    SELECT d.id, d.grid_id, d.staff_id, d.role, d.valid, d.reason
    FROM duty d JOIN grid g ON g.id = d.grid_id
    WHERE g.plan_id = :plan_id AND upper(d.recorded) = CAST(:at AS timestamptz)
        AND d.valid && daterange(CAST(:on AS date), NULL)
), cut AS (
    UPDATE duty d SET recorded = tstzrange(lower(d.recorded), clock_timestamp())
    FROM ended e
    WHERE d.grid_id = e.grid_id AND d.staff_id = e.staff_id AND d.role = e.role AND upper_inf(d.recorded)
        AND lower(d.recorded) = CAST(:at AS timestamptz) AND d.valid = daterange(lower(e.valid), CAST(:on AS date))
    RETURNING e.id
)
INSERT INTO duty (grid_id, staff_id, role, valid, recorded, reason)
SELECT e.grid_id, e.staff_id, e.role, e.valid, tstzrange(clock_timestamp(), NULL), e.reason
FROM ended e
WHERE e.id IN (SELECT id FROM cut) OR lower(e.valid) >= CAST(:on AS date)
