-- Who is gone stands in no grid.
DELETE FROM assignment_row WHERE customer_id = ANY(CAST(:ids AS bigint[]))
