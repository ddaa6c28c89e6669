-- The grids of a plan (of one branch, if named) in the viewer's sight, in order of code, with manager and counts.
SELECT g.id, g.code, g.name, g.kind, ST_AsBinary(g.geom) AS geom, g.town_name, g.households, g.colour_no, g.area_m2,
    b.code AS branch_code, b.name AS branch_name, s.code AS manager_code, s.name AS manager_name,
    s.phone AS manager_phone, n.existing AS customers
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
LEFT JOIN staff s ON s.id = d.staff_id
LEFT JOIN grid_count n ON n.grid_id = g.id
WHERE g.plan_id = :plan_id AND g.level = 3 AND (CAST(:branch AS text) IS NULL OR b.code = :branch)
ORDER BY g.code
