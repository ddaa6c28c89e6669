-- How many customers of the grids in sight (of one branch, where one is named) stand on each rung, and how sure?
SELECT a.rung, count(*) AS customers, count(a.geom) AS located,
    count(*) FILTER (WHERE a.rung = 0 AND a.geom IS NULL AND EXISTS (
        SELECT FROM placement p WHERE p.customer_id = a.customer_id AND p.method = ANY(CAST(:unreadable AS text[]))
    )) AS unreadable
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
JOIN assignment a ON a.grid_id = g.id
WHERE CAST(:branch AS text) IS NULL OR b.code = :branch
GROUP BY a.rung
