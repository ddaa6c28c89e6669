-- The grids of these codes in which customers stand today, with their shapes.
SELECT g.id, g.code, ST_AsBinary(g.geom) AS wkb
FROM standing_grid s JOIN grid g ON g.id = s.id AND g.level = 3
WHERE g.code = ANY (CAST(:codes AS text[]))
