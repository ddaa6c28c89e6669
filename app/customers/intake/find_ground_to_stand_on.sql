-- On which ground do rows stand that come in now: that of the current run, and before the first that of the plan in force?
SELECT p.id AS plan_id, p.code AS plan_code, p.ground_version, r.id AS run_id
FROM (SELECT 1) AS one
LEFT JOIN assignment_run r ON r.current
JOIN plan p ON p.id = r.plan_id OR (r.id IS NULL AND p.status = 'in_force' AND p.valid @> current_date)
