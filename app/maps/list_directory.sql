-- The planning directory: every grid of the plan in force in sight, in administrative order, with its people and counts.
SELECT p.code AS plan, lower(p.valid) AS valid_from, p.certificate_no, p.synthetic,
    g.id, g.code, g.name, g.kind, g.town_code, g.town_name, g.unit_codes AS units, b.code AS branch_code, b.name AS branch,
    m.name AS manager, m.code AS manager_code, m.phone AS manager_phone, k.name AS backup, l.name AS liaison,
    round((g.area_m2 / 1e6)::numeric, 3)::float8 AS area_km2, g.households,
    coalesce(n.existing, 0) AS existing, coalesce(n.prospects, 0) AS prospects,
    (coalesce(n.covered_households, 0)::float8 / nullif(g.households, 0)) AS coverage
FROM plan p
JOIN grid g ON g.plan_id = p.id AND g.level = 3
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN LATERAL (SELECT s.code, s.name, s.phone FROM duty d JOIN staff s ON s.id = d.staff_id
    WHERE d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date LIMIT 1) m ON true
LEFT JOIN LATERAL (SELECT s.name FROM duty d JOIN staff s ON s.id = d.staff_id
    WHERE d.grid_id = g.id AND d.role = 'backup' AND upper_inf(d.recorded) AND d.valid @> current_date LIMIT 1) k ON true
LEFT JOIN LATERAL (SELECT s.name FROM duty d JOIN staff s ON s.id = d.staff_id
    WHERE d.grid_id = g.id AND d.role = 'liaison' AND upper_inf(d.recorded) AND d.valid @> current_date LIMIT 1) l ON true
LEFT JOIN grid_count n ON n.grid_id = g.id
WHERE p.status = 'in_force' AND p.valid @> current_date AND (CAST(:branch AS text) IS NULL OR b.code = :branch)
ORDER BY g.town_code, g.unit_codes[1], g.code
