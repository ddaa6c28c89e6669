-- The grids of these codes in the plan that customers are assigned to, with their shapes.
SELECT g.id, g.code, ST_AsBinary(g.geom) AS wkb
FROM assignment_run r JOIN grid g ON g.plan_id = r.plan_id AND g.level = 3
WHERE r.current AND g.code = ANY (CAST(:codes AS text[]))
