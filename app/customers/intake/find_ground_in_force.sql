-- Which plan is in force today, and in which run do customers stand, of which plan and ground?
SELECT p.id AS plan_id, p.ground_version, r.id AS run_id, r.plan_id AS run_plan_id, r.ground_version AS run_ground_version
FROM (SELECT id, ground_version FROM plan WHERE status = 'in_force' AND valid @> current_date) AS p
LEFT JOIN assignment_run r ON r.current
