-- Which standing units and places of the gazetteer bear one of these names, and in which town?
SELECT u.code, u.code_source, u.kind AS level, u.name, u.official_name, u.former_names AS others,
       coalesce(u.town_code, u.parent_code) AS town_code, u.town_name, true AS stored
FROM unit u
WHERE upper_inf(u.valid) AND NOT isempty(u.valid)
  AND (u.name = ANY (CAST(:names AS text[])) OR u.official_name = ANY (CAST(:names AS text[]))
       OR u.former_names && CAST(:names AS text[]))
UNION ALL
SELECT p.code, p.code_source, p.level, p.name, p.official_name, p.former_names || p.aliases,
       t.code, t.name, false
FROM place p LEFT JOIN place t ON t.code = p.parent_code AND t.code_source = p.code_source AND t.level = 'town'
WHERE p.level IN ('village', 'town', 'county')
  AND (p.name = ANY (CAST(:names AS text[])) OR p.official_name = ANY (CAST(:names AS text[]))
       OR p.former_names && CAST(:names AS text[]) OR p.aliases && CAST(:names AS text[]))
