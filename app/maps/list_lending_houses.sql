-- For which houses may the viewer ask: all for head office, else his own with those below; and who holds grids today?
WITH standing AS (
    SELECT id FROM plan WHERE status IN ('in_force', 'retired') AND valid @> current_date
)
SELECT b.code, b.name, s.code AS parent, EXISTS (SELECT 1 FROM grid g JOIN standing p ON p.id = g.plan_id WHERE g.branch_id = b.id) AS holds
FROM branch b LEFT JOIN branch s ON s.id = b.parent_id
WHERE CAST(:all AS boolean) OR b.id = ANY ((SELECT getu_viewer_branches())::bigint[])
ORDER BY holds DESC, b.kind = 'outlet', b.code COLLATE "C"
