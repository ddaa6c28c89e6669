-- How many findings of each kind has a plan, and how many of them stand in the way of a certificate?
SELECT kind, count(*) AS findings,
       count(*) FILTER (WHERE state = 'open' AND severity <> 'harmless') AS blocking
FROM finding
WHERE plan_id = :plan_id
GROUP BY kind
ORDER BY kind
