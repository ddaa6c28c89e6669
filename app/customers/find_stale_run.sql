-- Is there no current run, or one older than the ground, than the customers that came in or were placed anew since?
SELECT 1 AS stale
WHERE NOT EXISTS (
    SELECT 1 FROM assignment_run r JOIN plan p ON p.id = r.plan_id
    WHERE r.current AND p.status = 'in_force' AND p.valid @> current_date AND r.ground_version = p.ground_version
        AND r.started_at >= ALL (SELECT i.finished_at FROM import_run i WHERE i.kind = 'customers' AND i.status = 'imported')
        AND r.started_at >= ALL (SELECT q.finished_at FROM placement_run q WHERE CAST(q.counts ->> 'written' AS bigint) > 0))
