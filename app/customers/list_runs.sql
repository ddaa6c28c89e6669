-- The assignment runs, the newest first: of which plan, how they ended, and how many of whom the viewer may know moved?
SELECT r.id, r.kind, p.code AS plan, r.ground_version, r.current, r.before_id, r.undoes,
    (SELECT u.id FROM assignment_run u WHERE u.undoes = r.id) AS undone_by,
    r.started_at, r.finished_at, r.total, r.assigned, r.contested, r.outside, r.unlocated,
    (SELECT count(*) FROM assignment_move m WHERE m.run_id = r.id AND m.from_key IS DISTINCT FROM m.to_key) AS moved
FROM assignment_run r JOIN plan p ON p.id = r.plan_id
WHERE r.finished_at IS NOT NULL AND r.id < :before
ORDER BY r.id DESC LIMIT :limit
