-- How many customers of the drawn grids have a point, and how many stand there in all?
SELECT (SELECT count(*) FROM assignment a JOIN grid g ON g.id = a.grid_id AND g.plan_id = :plan_id WHERE a.geom IS NOT NULL) AS pointed,
    (SELECT coalesce(sum(c.existing + c.prospects), 0)::bigint FROM grid g JOIN grid_count c ON c.grid_id = g.id
     WHERE g.plan_id = :plan_id) AS everybody;
