-- How many customers with a point stand in each of some grids of any plan, as the viewer may know?
SELECT g.id, count(a.customer_id) AS customers
FROM grid g
JOIN assignment a ON a.geom && g.geom AND ST_Intersects(g.geom, a.geom)
WHERE g.id = ANY (CAST(:grids AS bigint[]))
GROUP BY g.id
