-- Which units of these kinds and sources stand on a day or later, with their shapes?
SELECT u.id, u.code, u.code_source, u.kind, u.name, u.town_code, u.area_m2, ST_AsBinary(u.geom) AS wkb
FROM unit u
WHERE u.kind = ANY(:kinds) AND u.code_source = ANY(:sources) AND u.valid && daterange(CAST(:on AS date), NULL)
ORDER BY u.id
