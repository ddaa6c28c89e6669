-- The counts of each grid of the drawn plan, for a stand-alone map.
SELECT c.grid_id, c.existing, c.prospects, c.rungs, c.filed, c.visited, c.covered_households, c.located_existing
FROM grid_count c JOIN grid g ON g.id = c.grid_id
WHERE g.plan_id = :plan_id AND (CAST(:branch_id AS bigint) IS NULL OR g.branch_id = :branch_id);
