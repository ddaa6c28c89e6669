-- Is this one of the viewer's grids in the plan in force?
SELECT g.id FROM grid g JOIN plan p ON p.id = g.plan_id
WHERE g.id = :grid_id AND g.level = 3 AND p.status = 'in_force' AND p.valid @> current_date
