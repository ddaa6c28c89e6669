-- How many open faults of each kind lie over the map?
SELECT kind AS key, count(*) AS number FROM finding
WHERE plan_id = :faults_plan_id AND state = 'open' AND kind <> ALL (CAST(:notices AS text[])) GROUP BY kind;
