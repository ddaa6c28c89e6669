-- What are these grids called, and which grid speaks for each today?
SELECT g.id AS asked, coalesce(s.id, g.id) AS id, g.code, g.name
FROM grid g LEFT JOIN standing_grid s ON s.key_id = g.key_id
WHERE g.id = ANY(CAST(:grids AS bigint[]))
