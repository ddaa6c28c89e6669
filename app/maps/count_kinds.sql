-- How many grids of each kind has the drawn plan in sight?
SELECT kind, count(*) AS grids FROM grid WHERE plan_id = :plan_id AND level = 3 GROUP BY kind ORDER BY kind
