-- How far has each grid of a plan come: is its ground sound, does somebody hold it, has he signed?
SELECT g.id, g.code, g.name, g.kind, g.town_name AS town, b.code AS branch_code, b.name AS branch,
       s.code AS manager_code, s.name AS manager, s.id IS NOT NULL AS held,
       NOT EXISTS (SELECT 1 FROM finding f WHERE f.plan_id = g.plan_id AND f.state = 'open'
           AND f.severity = 'must_fix' AND g.id = ANY (f.grid_ids)) AS drawn,
       l.signed_on IS NOT NULL AS signed, l.signed_on
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
LEFT JOIN staff s ON s.id = d.staff_id
LEFT JOIN letter_signature l ON l.plan_id = g.plan_id AND l.staff_id = s.id
WHERE g.plan_id = :plan_id AND g.level = 3
ORDER BY g.code COLLATE "C"
