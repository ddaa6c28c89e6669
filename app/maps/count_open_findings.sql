-- How many open findings of each kind has a plan, in sight?
SELECT kind, count(*) AS findings FROM finding WHERE plan_id = :plan_id AND state = 'open' AND kind <> ALL ('{multipart,no_customers,no_primary,two_primaries,branch_type}')
GROUP BY kind ORDER BY kind
