-- What are the rates of each grid that the coverage map classes?
SELECT c.covered_households::float8 / nullif(g.households, 0) AS coverage,
    c.existing::float8 / nullif(c.existing + c.prospects, 0) AS penetration
FROM grid g LEFT JOIN grid_count c ON c.grid_id = g.id
WHERE g.plan_id = :plan_id AND g.level = 3;
