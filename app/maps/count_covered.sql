-- How many households of some grids are served, of how many? Grids of unknown households are left out.
SELECT coalesce(sum(c.covered_households), 0)::bigint AS n, coalesce(sum(g.households), 0)::bigint AS of
FROM grid g LEFT JOIN grid_count c ON c.grid_id = g.id
WHERE g.id = ANY (CAST(:grid_ids AS bigint[])) AND g.households IS NOT NULL
