-- Is there no current run, or one older than the ground or than the customers that came in since?
SELECT 1 AS stale
WHERE NOT EXISTS (
    SELECT 1 FROM assignment_run r JOIN plan p ON p.id = r.plan_id
    WHERE r.current AND p.status = 'in_force' AND r.ground_version = p.ground_version
        AND r.started_at >= ALL (SELECT i.finished_at FROM import_run i WHERE i.kind = 'customers' AND i.status = 'imported'))
