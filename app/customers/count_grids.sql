-- What each grid holds in the run just swapped in: customers by standing, rung, tier and service.
-- Rungs are in the order of the ladder: 1 to 6, then 0. Covered households have an existing customer in the grid.
INSERT INTO grid_count (grid_id, run_id, existing, prospects, rungs, located_existing, strategic, key, filed, visited,
    covered_households)
SELECT a.grid_id, :run_id,
    count(*) FILTER (WHERE a.standing = 'existing'),
    count(*) FILTER (WHERE a.standing = 'prospect'),
    ARRAY[count(*) FILTER (WHERE a.rung = 1), count(*) FILTER (WHERE a.rung = 2), count(*) FILTER (WHERE a.rung = 3),
          count(*) FILTER (WHERE a.rung = 4), count(*) FILTER (WHERE a.rung = 5), count(*) FILTER (WHERE a.rung = 6),
          count(*) FILTER (WHERE a.rung = 0)],
    count(*) FILTER (WHERE a.standing = 'existing' AND a.geom IS NOT NULL),
    count(*) FILTER (WHERE a.tier = 'strategic'),
    count(*) FILTER (WHERE a.tier = 'key'),
    count(*) FILTER (WHERE c.filed AND a.standing = 'existing'),
    count(*) FILTER (WHERE c.last_visit_on >= date_trunc('month', current_date) AND a.standing = 'existing'),
    count(DISTINCT c.household_no) FILTER (WHERE a.standing = 'existing')
FROM assignment a JOIN customer c ON c.id = a.customer_id
WHERE a.run_id = :run_id AND a.grid_id IS NOT NULL
GROUP BY a.grid_id
