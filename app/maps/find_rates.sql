-- What are the counts of each grid that the measures of the map are made from?
SELECT g.households, c.existing, c.prospects, c.located_existing, c.filed, c.visited, c.covered_households
FROM grid g LEFT JOIN grid_count c ON c.grid_id = g.id
WHERE g.plan_id = :plan_id AND g.level = 3;
