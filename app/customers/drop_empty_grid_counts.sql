-- A grid that holds nobody any more has no row.
DELETE FROM grid_count_row WHERE grid_key = ANY(CAST(:keys AS bigint[])) AND existing = 0 AND prospects = 0
