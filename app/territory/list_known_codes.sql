-- What do stored units and the gazetteer call these codes, source by source?
SELECT u.code, u.code_source, u.name, u.former_names
FROM unit u
WHERE u.code = ANY (CAST(:codes AS text[])) AND upper_inf(u.valid) AND NOT isempty(u.valid)
UNION
SELECT p.code, p.code_source, p.name, p.former_names
FROM place p
WHERE p.code = ANY (CAST(:codes AS text[]))
