-- Who left this month, or was won: the customers behind the numbers, in whose grid they stood, newest first?
WITH netted AS (
    SELECT customer_id, (array_agg(grid_key ORDER BY id))[1] AS grid_key, (array_agg(stood ORDER BY id))[1] AS stood,
        (array_agg(stands ORDER BY id DESC))[1] AS stands, max(changed_at) AS changed_at
    FROM customer_change WHERE changed_at >= date_trunc('month', now()) GROUP BY customer_id
)
SELECT c.customer_id AS id, c.stands, c.changed_at, g.id AS grid_id, g.name AS grid_name, b.name AS branch_name,
    m.name AS manager_name, count(*) OVER () AS total
FROM netted c
JOIN standing_grid s ON s.key_id = c.grid_key
JOIN grid g ON g.id = s.id
JOIN indicator_month p ON p.grid_key = g.key_id
    AND p.month = CAST(date_trunc('month', now()) - interval '1 month' AS date)
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
LEFT JOIN staff m ON m.id = d.staff_id
WHERE g.level = 3 AND (current_user <> 'getu_scoped' OR g.id = ANY ((SELECT getu_viewer_grids())::bigint[]))
    AND CASE CAST(:what AS text) WHEN 'loss' THEN c.stood = 'existing' AND c.stands <> 'existing'
        ELSE c.stood = 'prospect' AND c.stands = 'existing' END
    AND (CAST(:branch AS text) IS NULL OR b.code = :branch) AND (CAST(:manager AS text) IS NULL OR m.code = :manager)
    AND (CAST(:own AS bigint) IS NULL OR d.staff_id = :own)
ORDER BY c.changed_at DESC, c.customer_id
LIMIT :limit
