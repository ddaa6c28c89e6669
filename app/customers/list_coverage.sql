-- How well is each grid of the plan in force served?
SELECT g.id, g.code, g.name, g.kind, g.town_name, g.branch_id, g.households,
    coalesce(n.existing, 0) AS existing, coalesce(n.prospects, 0) AS prospects,
    coalesce(n.rungs, '{0,0,0,0,0,0,0}') AS rungs,
    coalesce(n.strategic, 0) AS strategic, coalesce(n.key, 0) AS key,
    coalesce(n.filed, 0) AS filed, coalesce(n.visited, 0) AS visited,
    coalesce(n.covered_households, 0) AS covered_households,
    round(coalesce(n.covered_households, 0)::numeric / nullif(g.households, 0), 4) AS coverage_rate,
    round(coalesce(n.filed, 0)::numeric / nullif(n.existing, 0), 4) AS filed_rate,
    round(coalesce(n.visited, 0)::numeric / nullif(n.existing, 0), 4) AS visited_rate
FROM grid g JOIN plan p ON p.id = g.plan_id LEFT JOIN grid_count n ON n.grid_id = g.id
WHERE p.status = 'in_force' AND p.valid @> current_date AND g.level = 3
ORDER BY g.code
