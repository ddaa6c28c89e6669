-- The counts of these grids go; they are taken anew in the same transaction.
DELETE FROM grid_count WHERE grid_id = ANY(CAST(:grids AS bigint[]))
