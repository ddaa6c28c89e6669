-- How many open findings of each kind has a plan, in sight?
SELECT kind, count(*) AS findings FROM finding WHERE plan_id = :plan_id AND state = 'open' GROUP BY kind ORDER BY kind
