-- How many village posts are held by liaisons and terminal administrators today?
SELECT d.role AS key, count(*) AS number
FROM duty d JOIN grid g ON g.id = d.grid_id AND g.plan_id = :plan_id
WHERE d.role IN ('liaison', 'terminal_administrator') AND upper_inf(d.recorded) AND d.valid @> current_date
GROUP BY d.role;
