-- What are these grids called?
SELECT id, code, name FROM grid WHERE id = ANY(CAST(:grids AS bigint[]))
