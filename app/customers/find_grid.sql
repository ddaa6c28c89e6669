-- Is this grid in the viewer's sight?
SELECT id, code, name FROM grid WHERE id = :grid_id
