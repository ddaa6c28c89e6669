-- Who stands in grids of these codes: one row a grid and one for all (code NULL), with balances and key clients?
SELECT g.code, count(*) AS customers, count(*) FILTER (WHERE c.standing = 'existing') AS existing,
    count(*) FILTER (WHERE c.standing = 'prospect') AS prospects, count(DISTINCT m.household_id) AS households,
    coalesce(sum(c.deposit_yuan), 0) AS deposit_yuan, coalesce(sum(c.loan_yuan), 0) AS loan_yuan,
    array_agg(c.id ORDER BY c.tier = 'strategic' DESC, c.id) FILTER (WHERE c.tier <> 'regular') AS key_ids
FROM grid g
JOIN assignment a ON a.grid_id = g.id
JOIN customer c ON c.id = a.customer_id
LEFT JOIN household_member m ON m.customer_id = c.id
WHERE g.code = ANY (CAST(:codes AS text[]))
GROUP BY GROUPING SETS ((g.code), ())
ORDER BY g.code NULLS FIRST
