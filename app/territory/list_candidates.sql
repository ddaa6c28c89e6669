-- Who in service could take grids: managers of these branches, and these people by id, unless away in a time.
SELECT s.id, s.code, s.name, s.kind, s.branch_id
FROM staff s
WHERE s.active AND s.kind IN ('manager', 'branch_head')
  AND ((s.kind = 'manager' AND s.branch_id = ANY (CAST(:branch_ids AS bigint[]))) OR s.id = ANY (CAST(:staff_ids AS bigint[])))
  AND NOT EXISTS (
    SELECT 1 FROM staffing_change c
    WHERE c.staff_id = s.id AND c.state = 'applied' AND c.kind IN ('leave', 'departure')
      AND c.valid && daterange(CAST(:begins AS date), CAST(:ends AS date)))
ORDER BY s.code COLLATE "C"
