-- Who of these people is away in a time by an applied leave or departure, and until when?
SELECT id, staff_id, kind, lower(valid) AS begins, upper(valid) AS ends
FROM staffing_change
WHERE state = 'applied' AND kind IN ('leave', 'departure') AND staff_id = ANY (CAST(:staff_ids AS bigint[]))
  AND valid && daterange(CAST(:begins AS date), CAST(:ends AS date))
ORDER BY lower(valid)
