-- How many strategic and key clients does the map show this viewer?
SELECT a.tier AS key, count(*) AS number
FROM assignment a JOIN grid g ON g.id = a.grid_id AND g.plan_id = :plan_id
WHERE a.tier IN ('strategic', 'key') GROUP BY a.tier;
