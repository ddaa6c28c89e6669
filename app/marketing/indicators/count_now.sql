-- What is each grid in sight this month, up to now, in the words of `indicator_month`?
WITH netted AS (
    SELECT customer_id, (array_agg(grid_key ORDER BY id))[1] AS grid_key, (array_agg(stood ORDER BY id))[1] AS stood,
        (array_agg(stands ORDER BY id DESC))[1] AS stands
    FROM customer_change WHERE changed_at >= date_trunc('month', now()) GROUP BY customer_id
), changed AS (
    SELECT grid_key, count(*) FILTER (WHERE stood = 'existing' AND stands <> 'existing') AS lost,
        count(*) FILTER (WHERE stood = 'prospect' AND stands = 'existing') AS won
    FROM netted GROUP BY grid_key
)
SELECT g.key_id AS grid_key, g.id AS grid_id, g.code AS grid_code, g.name AS grid_name, b.code AS branch_code,
    b.name AS branch_name, m.code AS manager_code, m.name AS manager_name, coalesce(n.existing, 0) AS existing,
    coalesce(n.prospects, 0) AS prospects, coalesce(n.visited, 0) AS visited, coalesce(n.filed, 0) AS filed,
    coalesce(n.covered_households, 0) AS covered, g.households, p.existing AS existing_before,
    p.prospects AS prospects_before, CASE WHEN p.existing IS NOT NULL THEN coalesce(c.lost, 0) END AS lost,
    CASE WHEN p.prospects IS NOT NULL THEN coalesce(c.won, 0) END AS won, NULL AS deposit_yuan
FROM standing_grid s
JOIN grid g ON g.id = s.id
LEFT JOIN grid_count n ON n.grid_id = g.id
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
LEFT JOIN staff m ON m.id = d.staff_id
LEFT JOIN changed c ON c.grid_key = g.key_id
LEFT JOIN indicator_month p ON p.grid_key = g.key_id
    AND p.month = CAST(date_trunc('month', now()) - interval '1 month' AS date)
WHERE g.level = 3 AND (current_user <> 'getu_scoped' OR g.id = ANY ((SELECT getu_viewer_grids())::bigint[]))
    AND (CAST(:branch AS text) IS NULL OR b.code = :branch) AND (CAST(:manager AS text) IS NULL OR m.code = :manager)
    AND (CAST(:own AS bigint) IS NULL OR d.staff_id = :own)
