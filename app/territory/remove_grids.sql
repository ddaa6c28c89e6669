-- Takes grids away with what hangs on them.
DELETE FROM grid WHERE id = ANY (CAST(:ids AS bigint[]))
