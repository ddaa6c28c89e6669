-- Which of these grids are in the viewer's sight?
SELECT id FROM grid WHERE id = ANY (CAST(:grid_ids AS bigint[]))
