-- Which grids of the drawn plan in sight does somebody stand behind as backup today?
SELECT g.id, g.code, g.name
FROM duty d JOIN grid g ON g.id = d.grid_id AND g.plan_id = :plan_id AND g.level = 3
WHERE d.staff_id = :staff_id AND d.role = 'backup' AND upper_inf(d.recorded) AND d.valid @> current_date
ORDER BY g.code
