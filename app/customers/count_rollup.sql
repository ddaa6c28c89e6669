-- How many customers stand in the viewer's grids of the plan in force, by place of a level of the administrative code?
WITH grids AS (
    SELECT g.id, g.name, g.unit_codes[1] AS code,
        coalesce(g.town_code, CASE WHEN g.unit_codes[1] ~ '^\d{12}$' THEN left(g.unit_codes[1], 9) END) AS town
    FROM grid g JOIN plan p ON p.id = g.plan_id
    WHERE p.status = 'in_force' AND p.valid @> current_date AND g.level = 3
), placed AS (
    SELECT g.*, CASE
        WHEN CAST(:digits AS int) = 12 THEN g.code
        WHEN CAST(:digits AS int) = 9 THEN g.town
        WHEN g.town ~ '^\d{9}' THEN left(g.town, CAST(:digits AS int)) END AS place
    FROM grids g
)
SELECT p.place AS code, min(p.name) AS grid_name, count(*) AS grids, coalesce(sum(n.existing), 0) AS existing,
    coalesce(sum(n.prospects), 0) AS prospects, coalesce(sum(n.covered_households), 0) AS covered_households
FROM placed p LEFT JOIN grid_count n ON n.grid_id = p.id
GROUP BY p.place
