-- Is there no current run on the ground in force, or did customers come in, or were many placed anew, without a grid?
SELECT 1 AS stale
WHERE NOT EXISTS (
    SELECT 1 FROM assignment_run r JOIN plan p ON p.id = r.plan_id
    WHERE r.current AND p.status = 'in_force' AND p.valid @> current_date AND r.ground_version = p.ground_version)
OR EXISTS (
    SELECT 1 FROM placement p JOIN customer c ON c.id = p.customer_id
    WHERE c.gone_at IS NULL AND NOT EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = p.customer_id))
OR EXISTS (
    SELECT 1 FROM placement_run q WHERE CAST(q.counts ->> 'written' AS bigint) > 0
        AND q.finished_at > ALL (SELECT r.started_at FROM assignment_run r WHERE r.kind = 'whole'
            AND NOT EXISTS (SELECT FROM assignment_run u WHERE u.undoes = r.id)))
