-- Which branches hold grids of the plan in force in the viewer's sight?
SELECT b.code, b.name, count(*) AS grids
FROM grid g JOIN plan p ON p.id = g.plan_id JOIN branch b ON b.id = g.branch_id
WHERE p.status = 'in_force' AND p.valid @> current_date AND g.level = 3
GROUP BY b.code, b.name ORDER BY b.code
