-- The units that grids name, each with its key: a hash of the code, as `read_grids` has it.
SELECT DISTINCT u AS code, hashtextextended(u, 0) AS key FROM grid g CROSS JOIN unnest(g.unit_codes) AS u WHERE g.level = 3
