-- Closes a month: every grid that stands, with who held it on the month's last day.
WITH netted AS (
    SELECT customer_id, (array_agg(grid_key ORDER BY id))[1] AS grid_key, (array_agg(stood ORDER BY id))[1] AS stood,
        (array_agg(stands ORDER BY id DESC))[1] AS stands
    FROM customer_change WHERE changed_at >= CAST(:month AS date) AND changed_at < CAST(:after AS date)
    GROUP BY customer_id
), changed AS (
    SELECT grid_key, count(*) FILTER (WHERE stood = 'existing' AND stands <> 'existing') AS lost,
        count(*) FILTER (WHERE stood = 'prospect' AND stands = 'existing') AS won
    FROM netted GROUP BY grid_key
), met AS (
    SELECT DISTINCT customer_id FROM visit WHERE outcome IN ('met', 'refused', 'signed')
        AND visited_at >= CAST(:month AS date) AND visited_at < CAST(:after AS date)
), served AS (
    SELECT a.grid_key, sum(c.deposit_yuan) AS deposit_yuan, count(*) FILTER (WHERE c.standing = 'existing'
        AND (m.customer_id IS NOT NULL OR (c.last_visit_on >= :month AND c.last_visit_on < :after))) AS visited
    FROM assignment_row a JOIN customer c ON c.id = a.customer_id LEFT JOIN met m ON m.customer_id = c.id
    WHERE c.gone_at IS NULL AND a.grid_key IS NOT NULL GROUP BY a.grid_key
)
INSERT INTO indicator_month (month, grid_key, branch_id, staff_id, existing, prospects, visited, filed, covered,
    households, lost, existing_before, won, prospects_before, deposit_yuan)
SELECT :month, g.key_id, g.branch_id, d.staff_id, coalesce(n.existing, 0), coalesce(n.prospects, 0),
    coalesce(v.visited, 0), coalesce(n.filed, 0), coalesce(n.covered_households, 0), g.households,
    CASE WHEN p.existing IS NOT NULL THEN coalesce(c.lost, 0) END, p.existing,
    CASE WHEN p.prospects IS NOT NULL THEN coalesce(c.won, 0) END, p.prospects, v.deposit_yuan
FROM standing_grid s
JOIN grid g ON g.id = s.id
LEFT JOIN grid_count n ON n.grid_id = g.id
LEFT JOIN served v ON v.grid_key = g.key_id
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded)
    AND d.valid @> (CAST(:after AS date) - 1)
LEFT JOIN changed c ON c.grid_key = g.key_id
LEFT JOIN indicator_month p ON p.grid_key = g.key_id AND p.month = CAST(CAST(:month AS date) - interval '1 month' AS date)
WHERE g.level = 3
