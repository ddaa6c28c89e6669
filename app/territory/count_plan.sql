-- What does a plan hold: grids by kind (and in all, kind NULL), managers, branches, grids without a primary?
SELECT g.kind, count(*) AS grids, count(DISTINCT d.staff_id) AS managers, count(DISTINCT g.branch_id) AS branches,
       count(*) FILTER (WHERE d.staff_id IS NULL) AS vacant, coalesce(sum(g.area_m2), 0) / 1e6 AS area_km2
FROM grid g
LEFT JOIN LATERAL (
    SELECT staff_id FROM duty
    WHERE grid_id = g.id AND role = 'primary' AND upper_inf(recorded) AND NOT isempty(valid)
    ORDER BY (valid @> current_date) DESC, lower(valid) DESC LIMIT 1
) d ON true
WHERE g.plan_id = :plan_id AND g.level = 3
GROUP BY GROUPING SETS ((g.kind), ())
ORDER BY g.kind
