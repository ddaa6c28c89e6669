-- How many customers stand in the viewer's grids, on which rung, how are they served, and how many households live there?
SELECT coalesce(sum(n.existing), 0) AS existing, coalesce(sum(n.prospects), 0) AS prospects,
    coalesce(sum(n.rungs[1]), 0) AS rung_1, coalesce(sum(n.rungs[2]), 0) AS rung_2,
    coalesce(sum(n.rungs[3]), 0) AS rung_3, coalesce(sum(n.rungs[4]), 0) AS rung_4,
    coalesce(sum(n.rungs[5]), 0) AS rung_5, coalesce(sum(n.rungs[6]), 0) AS rung_6,
    coalesce(sum(n.rungs[7]), 0) AS rung_0, coalesce(sum(n.located_existing), 0) AS located,
    coalesce(sum(n.filed), 0) AS filed, coalesce(sum(n.visited), 0) AS visited,
    coalesce(sum(n.covered_households), 0) AS covered_households,
    (SELECT coalesce(sum(g.households), 0) FROM grid g JOIN plan p ON p.id = g.plan_id
     WHERE p.status = 'in_force' AND p.valid @> current_date AND g.level = 3) AS households
FROM grid_count n
