-- The names of these customers, strategic ones first, so many at most.
SELECT id, name, kind, tier FROM customer
WHERE id = ANY (CAST(:ids AS bigint[]))
ORDER BY tier = 'strategic' DESC, deposit_yuan DESC NULLS LAST, id
LIMIT :limit
