-- The kept answers in sight, the newest first, from behind a number on; each with its exception.
SELECT k.id, k.asked_at, k.on_date, k.subject, k.answer, k.reason, k.distance_m, k.edge_m, k.batch, b.code AS branch_code,
       b.name AS branch_name, p.code AS plan_code, k.ground_version, h.code AS holder_code, h.name AS holder_name,
       e.id AS exception_id, e.state AS exception_state, e.valid_until AS exception_until
FROM lending_check k
JOIN branch b ON b.id = k.branch_id
LEFT JOIN branch h ON h.id = k.holder_branch_id
LEFT JOIN plan p ON p.id = k.plan_id
LEFT JOIN LATERAL (
    SELECT id, state, valid_until FROM lending_exception x WHERE x.check_id = k.id ORDER BY id DESC LIMIT 1
) e ON true
WHERE k.id < coalesce(CAST(:before AS bigint), 9223372036854775807)
  AND (CAST(:answer AS text) IS NULL OR k.answer = :answer)
  AND (CAST(:mine AS bigint) IS NULL OR k.asked_by = :mine)
  AND (CAST(:batch AS uuid) IS NULL OR k.batch = CAST(:batch AS uuid))
ORDER BY k.id DESC
LIMIT :limit
