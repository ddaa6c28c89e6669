-- How many cases in sight wait, by kind and town (of one branch's grids, where one is named)?
SELECT c.state, c.kind, c.town_code, count(*) AS cases,
    (SELECT min(t.name) FROM place t WHERE t.code = c.town_code AND t.level = 'town') AS town_name
FROM placement_case c
WHERE c.state IN ('open', 'later')
    AND (CAST(:branch AS text) IS NULL OR EXISTS (
        SELECT FROM assignment a JOIN grid g ON g.id = a.grid_id JOIN branch b ON b.id = g.branch_id
        WHERE a.customer_id = c.customer_id AND b.code = :branch))
GROUP BY c.state, c.kind, c.town_code
