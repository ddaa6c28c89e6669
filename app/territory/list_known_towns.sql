-- Which towns and counties are known: standing units with their shapes, then names of the gazetteer?
SELECT u.code, u.code_source, u.kind AS level, u.name, ST_AsBinary(u.geom) AS wkb
FROM unit u
WHERE u.kind IN ('town', 'county') AND upper_inf(u.valid) AND NOT isempty(u.valid)
UNION ALL
SELECT p.code, p.code_source, p.level, p.name, NULL
FROM place p
WHERE p.level IN ('town', 'county')
