-- Which plan does the ground desk open: the one named, else the newest draft, else the one in force, else the newest?
-- A plan in which the viewer has grids comes before one in which he has none.
SELECT p.id, p.code, p.name, p.status
FROM plan p
WHERE CAST(:code AS text) IS NULL OR p.code = :code
ORDER BY EXISTS (SELECT 1 FROM grid g WHERE g.plan_id = p.id) DESC,
    (p.status IN ('draft', 'checked')) DESC, (p.status = 'in_force' AND p.valid @> current_date) DESC, p.id DESC
LIMIT 1
