-- Marks these grids as their last answered offer left them: held, in a branch's pool, returned, or not allotted.
UPDATE grid g SET allotted = (
    SELECT CASE WHEN a.state = 'returned' THEN 'returned' WHEN a.step = 'manager' THEN 'held' ELSE 'in_branch' END
    FROM allotment a
    WHERE a.grid_id = g.id AND a.role = 'primary' AND a.state IN ('accepted', 'returned')
    ORDER BY a.answered_at DESC, a.id DESC LIMIT 1)
WHERE g.id = ANY (CAST(:grid_ids AS bigint[]))
