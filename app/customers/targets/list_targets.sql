-- What is each grid of a plan to reach in a period, and how far has it come? Counts are those of the current run.
SELECT t.measure, t.target, g.id AS grid_id, g.code AS grid_code, g.name AS grid_name, b.code AS branch_code,
       b.name AS branch_name, g.town_code, g.town_name, s.code AS manager_code, s.name AS manager_name,
       CASE t.measure WHEN 'filed' THEN c.filed WHEN 'visited' THEN c.visited
           WHEN 'covered_households' THEN c.covered_households WHEN 'existing' THEN c.existing ELSE t.done END AS actual
FROM grid_target t
JOIN grid g ON g.id = t.grid_id
LEFT JOIN grid_count c ON c.grid_id = g.id
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
LEFT JOIN staff s ON s.id = d.staff_id
WHERE g.plan_id = :plan_id AND t.period = :period AND (CAST(:measure AS text) IS NULL OR t.measure = :measure)
ORDER BY t.measure, g.code COLLATE "C"
