-- Who lives in which official place, of the whole bank; `assigned` have a grid.
SELECT n.unit_code AS code, (SELECT min(u.name) FROM unit u WHERE u.code = n.unit_code) AS name, NULL AS grids,
    n.existing + n.prospects AS customers, n.existing, n.prospects, NULL AS located_existing, n.strategic, n.key, n.filed,
    CASE WHEN n.visited_month = date_trunc('month', current_date) THEN n.visited ELSE 0 END AS visited,
    NULL AS covered_households, n.rungs, n.assigned
FROM village_count n ORDER BY 1
