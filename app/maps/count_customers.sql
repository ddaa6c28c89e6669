-- How many customers stand in the drawn grids, how sure is their place, how are they served?
SELECT coalesce(sum(c.existing), 0)::bigint AS existing, coalesce(sum(c.prospects), 0)::bigint AS prospects,
    coalesce(sum(c.strategic), 0)::bigint AS strategic, coalesce(sum(c.key), 0)::bigint AS key,
    coalesce(sum(c.filed), 0)::bigint AS filed, coalesce(sum(c.visited), 0)::bigint AS visited,
    coalesce(sum(c.covered_households), 0)::bigint AS covered_households,
    coalesce(sum(g.households), 0)::bigint AS households
FROM grid g LEFT JOIN grid_count c ON c.grid_id = g.id
WHERE g.plan_id = :plan_id AND g.level = 3;
