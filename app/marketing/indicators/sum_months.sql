-- How did the closed months go, in sum over the grids in sight? A pair counts where both its halves are known.
SELECT n.month, max(n.closed_at) AS closed_at, sum(n.existing) AS existing, sum(n.visited) AS visited,
    sum(n.filed) AS filed, sum(n.covered) FILTER (WHERE n.households IS NOT NULL) AS covered,
    sum(n.households) AS households, sum(n.lost) FILTER (WHERE n.existing_before IS NOT NULL) AS lost,
    sum(n.existing_before) FILTER (WHERE n.lost IS NOT NULL) AS existing_before,
    sum(n.won) FILTER (WHERE n.prospects_before IS NOT NULL) AS won,
    sum(n.prospects_before) FILTER (WHERE n.won IS NOT NULL) AS prospects_before
FROM indicator_month n
LEFT JOIN branch b ON b.id = n.branch_id
LEFT JOIN staff m ON m.id = n.staff_id
WHERE n.month >= :since
    AND (CAST(:branch AS text) IS NULL OR b.code = :branch) AND (CAST(:manager AS text) IS NULL OR m.code = :manager)
    AND (CAST(:own AS bigint) IS NULL OR n.staff_id = :own)
GROUP BY n.month ORDER BY n.month
