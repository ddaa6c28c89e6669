-- The code of every grid, of all plans.
SELECT id, code FROM grid
