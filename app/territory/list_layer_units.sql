-- Which units of these kinds stand on a day, with everything a file of them says?
SELECT u.code, u.name, u.kind, u.official_name, array_to_string(u.former_names, '|') AS former_names, u.town_code,
       u.town_name, u.households, u.residents, u.year, u.code_source, CASE WHEN u.synthetic THEN '是' END AS synthetic,
       ST_AsBinary(u.geom) AS wkb
FROM unit u
WHERE u.kind = ANY(:kinds) AND u.valid @> CAST(:on AS date)
ORDER BY u.code COLLATE "C", u.id
