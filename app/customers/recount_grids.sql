-- What do these grids hold? In the words of `outcome.count_grids`, taken from the rows themselves.
INSERT INTO grid_count_row (grid_key, existing, prospects, rungs, located_existing, strategic, key, filed, visited,
    visited_month, covered_households)
SELECT a.grid_key,
    count(*) FILTER (WHERE a.standing = 'existing'), count(*) FILTER (WHERE a.standing = 'prospect'),
    ARRAY[count(*) FILTER (WHERE a.rung = 1), count(*) FILTER (WHERE a.rung = 2), count(*) FILTER (WHERE a.rung = 3),
        count(*) FILTER (WHERE a.rung = 4), count(*) FILTER (WHERE a.rung = 5), count(*) FILTER (WHERE a.rung = 6),
        count(*) FILTER (WHERE a.rung = 0)],
    count(*) FILTER (WHERE a.standing = 'existing' AND a.geom IS NOT NULL),
    count(*) FILTER (WHERE a.tier = 'strategic'), count(*) FILTER (WHERE a.tier = 'key'),
    count(*) FILTER (WHERE a.standing = 'existing' AND c.filed),
    count(*) FILTER (WHERE a.standing = 'existing' AND c.last_visit_on >= date_trunc('month', current_date)),
    date_trunc('month', current_date),
    count(DISTINCT c.household_no) FILTER (WHERE a.standing = 'existing')
FROM assignment_row a JOIN customer c ON c.id = a.customer_id
WHERE a.grid_key IN (SELECT key_id FROM grid WHERE id = ANY(CAST(:grids AS bigint[])))
GROUP BY a.grid_key
