-- The counts of these grids go; they are taken anew in the same transaction.
DELETE FROM grid_count_row WHERE grid_key IN (SELECT key_id FROM grid WHERE id = ANY(CAST(:grids AS bigint[])))
