-- Does another plan stand today than the one customers are assigned to, and has no turn failed within the hour?
-- A turn that somebody took back stays taken back until somebody assigns again.
SELECT p.code FROM plan p
JOIN assignment_run r ON r.current AND (r.plan_id, r.ground_version) IS DISTINCT FROM (p.id, p.ground_version)
WHERE p.status = 'in_force' AND p.valid @> current_date
    AND NOT EXISTS (SELECT FROM job j WHERE j.kind = 'assign'
        AND (j.status IN ('waiting', 'running') OR j.created_at > now() - interval '1 hour' AND j.status = 'failed'
            AND j.args = CAST('{"changed": true}' AS jsonb)))
    AND NOT EXISTS (SELECT FROM assignment_run u WHERE u.id = r.undoes
        AND (u.plan_id, u.ground_version) = (p.id, p.ground_version))
