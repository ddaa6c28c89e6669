-- Exceptions in sight with the answers they are about; those that wait come first, the longest waiting on top.
SELECT e.id, e.check_id, e.state, e.reason, e.asked_by, e.asked_at, e.decided_by, e.decided_at, e.decision_note,
       e.valid_until, e.withdrawn_by, e.withdrawn_at, b.code AS branch_code, b.name AS branch_name, k.subject, k.answer,
       k.reason AS check_reason, k.distance_m, k.on_date, p.code AS plan_code, h.code AS holder_code,
       h.name AS holder_name
FROM lending_exception e
JOIN lending_check k ON k.id = e.check_id
JOIN branch b ON b.id = e.branch_id
LEFT JOIN branch h ON h.id = k.holder_branch_id
LEFT JOIN plan p ON p.id = k.plan_id
WHERE (CAST(:state AS text) IS NULL OR e.state = :state)
  AND (CAST(:exception_id AS bigint) IS NULL OR e.id = :exception_id)
  AND (CAST(:check_id AS bigint) IS NULL OR e.check_id = :check_id)
ORDER BY e.state <> 'asked', CASE WHEN e.state = 'asked' THEN e.id ELSE -e.id END
LIMIT :limit
