-- How many customers does each grid of the current run hold, by its code?
SELECT g.code, c.existing + c.prospects AS customers
FROM grid_count c JOIN grid g ON g.id = c.grid_id
