-- One kept answer as the viewer may read it; `place_seen` says whether where it was found may be told as well.
SELECT k.id, k.asked_at, k.asked_by, u.name AS asked_by_name, k.on_date, k.customer_id, k.subject, k.rung, k.answer,
       k.reason, k.distance_m, k.edge_m, k.plan_id, k.ground_version, k.batch, k.branch_id, b.code AS branch_code,
       b.name AS branch_name, p.code AS plan_code, p.name AS plan_name, p.synthetic, h.code AS holder_code,
       h.name AS holder_name, e.id AS exception_id, e.state AS exception_state, e.valid_until AS exception_until,
       k.customer_id IS NULL OR CAST(:all AS boolean)
           OR EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = k.customer_id) AS place_seen
FROM lending_check k
JOIN branch b ON b.id = k.branch_id
LEFT JOIN branch h ON h.id = k.holder_branch_id
LEFT JOIN plan p ON p.id = k.plan_id
LEFT JOIN app_user u ON u.id = k.asked_by
LEFT JOIN LATERAL (
    SELECT id, state, valid_until FROM lending_exception x WHERE x.check_id = k.id ORDER BY id DESC LIMIT 1
) e ON true
WHERE k.id = :check_id
