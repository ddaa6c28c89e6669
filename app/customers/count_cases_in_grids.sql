-- How many cases of the grids in sight (of one branch, where one is named) wait, by kind and town?
SELECT c.state, c.kind, c.town_code, count(*) AS cases,
    (SELECT min(t.name) FROM place t WHERE t.code = c.town_code AND t.level = 'town') AS town_name
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
JOIN assignment a ON a.grid_id = g.id
JOIN placement_case c ON c.customer_id = a.customer_id
WHERE c.state IN ('open', 'later') AND (CAST(:branch AS text) IS NULL OR b.code = :branch)
GROUP BY c.state, c.kind, c.town_code
