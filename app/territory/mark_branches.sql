-- A mark of which grids of a plan are in sight and whose they are: another one whenever either changes.
SELECT md5(string_agg(concat(g.id, ':', g.version, ':', g.branch_id), ',' ORDER BY g.id)) AS mark
FROM grid g
WHERE g.plan_id = :plan_id AND g.level = 3
