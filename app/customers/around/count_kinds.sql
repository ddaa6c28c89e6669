-- Of which kinds are these customers in sight, and how many of each?
SELECT c.kind, count(*) AS customers FROM customer c WHERE c.id = ANY (CAST(:ids AS bigint[])) GROUP BY c.kind
