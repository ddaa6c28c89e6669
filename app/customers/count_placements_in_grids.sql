-- How many customers of the grids in sight (of one branch, where one is named) stand on each rung, and how sure?
SELECT p.rung, count(*) AS customers, count(p.geom) AS located,
    count(*) FILTER (WHERE p.geom IS NULL AND p.method = ANY(CAST(:unreadable AS text[]))) AS unreadable
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
JOIN assignment a ON a.grid_id = g.id
JOIN placement p ON p.customer_id = a.customer_id
WHERE CAST(:branch AS text) IS NULL OR b.code = :branch
GROUP BY p.rung
