-- How many open findings of each kind has a plan, in sight?
SELECT kind, count(*) AS findings FROM finding WHERE plan_id = :plan_id AND state = 'open' AND kind <> ALL (CAST(:notices AS text[]))
GROUP BY kind ORDER BY kind
