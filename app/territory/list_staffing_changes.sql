-- The changes of people in sight, of one state or all, the newest first.
SELECT id FROM staffing_change
WHERE CAST(:state AS text) IS NULL OR state = :state
ORDER BY id DESC
