-- Which grids of the drawn plan in sight belong to a branch with all below it, and to a manager; are both known at all?
WITH RECURSIVE house AS (
    SELECT id FROM branch WHERE code = CAST(:branch AS text)
    UNION
    SELECT b.id FROM branch b JOIN house ON b.parent_id = house.id
)
SELECT EXISTS (
        SELECT 1 FROM house h WHERE current_user <> 'getu_scoped' OR h.id = ANY ((SELECT getu_viewer_branches())::bigint[])
            OR EXISTS (SELECT 1 FROM grid g WHERE g.branch_id = h.id)) AS branch_known,
    EXISTS (SELECT 1 FROM staff WHERE code = CAST(:manager AS text)) AS manager_known,
    ARRAY(
        SELECT g.id FROM grid g
        WHERE g.plan_id = :plan_id AND (CAST(:branch AS text) IS NULL OR g.branch_id IN (SELECT id FROM house))
            AND (CAST(:manager AS text) IS NULL OR EXISTS (
                SELECT 1 FROM duty d JOIN staff s ON s.id = d.staff_id AND s.code = CAST(:manager AS text)
                WHERE d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date))
        ORDER BY g.id
    ) AS grid_ids;
