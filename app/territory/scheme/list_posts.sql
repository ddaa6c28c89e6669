-- Who manages, answers for, does and supervises the work in each grid: as named by hand, else by the rule?
WITH grids AS (
    SELECT g.id, g.branch_id FROM grid g WHERE g.id = ANY (CAST(:grid_ids AS bigint[]))
), heads AS (
    SELECT DISTINCT ON (branch_id) branch_id, id AS staff_id FROM staff
    WHERE kind = 'branch_head' AND active ORDER BY branch_id, code
), primaries AS (
    SELECT d.grid_id, d.staff_id FROM duty d JOIN grids g ON g.id = d.grid_id
    WHERE d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> CAST(:on AS date)
), ruled AS (
    SELECT g.id AS grid_id, 'manages' AS post, h.staff_id FROM grids g JOIN heads h ON h.branch_id = g.branch_id
    UNION ALL
    SELECT grid_id, 'answers', staff_id FROM primaries
    UNION ALL
    SELECT grid_id, 'does', staff_id FROM primaries
    UNION ALL
    SELECT g.id, 'supervises', c.staff_id FROM grids g
    JOIN branch_contact c ON c.branch_id = g.branch_id AND c.valid @> CAST(:on AS date)
), named AS (
    SELECT p.grid_id, p.post, p.staff_id FROM grid_post p JOIN grids g ON g.id = p.grid_id
)
SELECT coalesce(n.grid_id, r.grid_id) AS grid_id, coalesce(n.post, r.post) AS post, s.code, s.name,
       n.grid_id IS NOT NULL AS by_hand
FROM ruled r FULL JOIN named n ON n.grid_id = r.grid_id AND n.post = r.post
JOIN staff s ON s.id = coalesce(n.staff_id, r.staff_id)
ORDER BY 1, 2
