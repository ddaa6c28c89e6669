-- The grids' counts of the run before go; the new run's are taken next, in the same transaction.
DELETE FROM grid_count_row
