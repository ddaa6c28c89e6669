-- How many strategic and key clients does the map show this viewer?
SELECT kind.key, kind.number
FROM (
    SELECT coalesce(sum(c.strategic), 0) AS strategic, coalesce(sum(c.key), 0) AS key
    FROM grid g JOIN grid_count c ON c.grid_id = g.id WHERE g.plan_id = :plan_id
) total, LATERAL (VALUES ('strategic', total.strategic), ('key', total.key)) AS kind (key, number);
