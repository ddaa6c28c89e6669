-- What do the grids, towns or branches in the viewer's sight hold?
SELECT CASE :level WHEN 'grid' THEN g.code WHEN 'town' THEN g.town_code ELSE b.code END AS code,
    max(CASE :level WHEN 'grid' THEN g.name WHEN 'town' THEN g.town_name ELSE b.name END) AS name,
    count(*) AS grids, coalesce(sum(n.existing + n.prospects), 0) AS customers, coalesce(sum(n.existing), 0) AS existing,
    coalesce(sum(n.prospects), 0) AS prospects, coalesce(sum(n.located_existing), 0) AS located_existing,
    coalesce(sum(n.strategic), 0) AS strategic, coalesce(sum(n.key), 0) AS key, coalesce(sum(n.filed), 0) AS filed,
    coalesce(sum(n.visited), 0) AS visited, coalesce(sum(n.covered_households), 0) AS covered_households,
    ARRAY[coalesce(sum(n.rungs[1]), 0), coalesce(sum(n.rungs[2]), 0), coalesce(sum(n.rungs[3]), 0),
        coalesce(sum(n.rungs[4]), 0), coalesce(sum(n.rungs[5]), 0), coalesce(sum(n.rungs[6]), 0),
        coalesce(sum(n.rungs[7]), 0)] AS rungs
FROM standing_grid s JOIN grid g ON g.id = s.id AND g.level = 3
LEFT JOIN grid_count n ON n.grid_id = g.id LEFT JOIN branch b ON b.id = g.branch_id
WHERE s.left_over IS NOT TRUE OR n.grid_id IS NOT NULL GROUP BY 1 ORDER BY 1
