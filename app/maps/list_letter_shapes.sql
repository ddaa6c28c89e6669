-- The shapes of the grids of the plan in force in sight, each with a point well inside it.
SELECT g.code, ST_AsBinary(g.geom) AS geom, ST_AsBinary(g.anchor) AS anchor
FROM grid g JOIN plan p ON p.id = g.plan_id LEFT JOIN branch b ON b.id = g.branch_id
WHERE p.status = 'in_force' AND p.valid @> current_date AND g.level = 3
    AND (CAST(:branch AS text) IS NULL OR b.code = :branch)
