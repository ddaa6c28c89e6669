-- The grids of a plan in sight with branch, manager, liaison and counts; of one branch or manager, if named.
SELECT g.id, g.code, g.name, g.kind, g.town_name, g.households, g.area_m2,
    coalesce(n.existing, 0) AS existing, coalesce(n.prospects, 0) AS prospects,
    coalesce(n.strategic, 0) AS strategic, coalesce(n.key, 0) AS key,
    b.code AS branch_code, b.name AS branch_name, b.branch_type,
    m.code AS manager_code, m.name AS manager_name, m.phone AS manager_phone, l.name AS liaison_name
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN duty dm ON dm.grid_id = g.id AND dm.role = 'primary' AND upper_inf(dm.recorded) AND dm.valid @> current_date
LEFT JOIN staff m ON m.id = dm.staff_id
LEFT JOIN LATERAL (SELECT s.name FROM duty d JOIN staff s ON s.id = d.staff_id
    WHERE d.grid_id = g.id AND d.role = 'liaison' AND upper_inf(d.recorded) AND d.valid @> current_date
    ORDER BY d.id LIMIT 1) l ON true
LEFT JOIN grid_count n ON n.grid_id = g.id
WHERE g.plan_id = :plan_id AND g.level = 3
    AND (CAST(:branch AS text) IS NULL OR b.code = :branch) AND (CAST(:manager AS text) IS NULL OR m.code = :manager)
ORDER BY g.code
