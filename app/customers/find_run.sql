-- One assignment run: of which kind, on which ground, after which, and what took it back?
SELECT r.id, r.plan_id, p.code AS plan_code, p.ground_version, r.ground_version AS run_version, r.kind, r.before_id,
    r.undoes, r.reassigned, r.current, (SELECT u.id FROM assignment_run u WHERE u.undoes = r.id) AS undone_by
FROM assignment_run r JOIN plan p ON p.id = r.plan_id WHERE r.id = :run_id
