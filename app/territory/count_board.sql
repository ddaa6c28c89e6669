-- How many grids of a plan in sight stand in which state, by branch and by who is primary today (or next)?
SELECT b.code AS branch_code, b.name AS branch_name, b.branch_type, s.code AS staff_code, s.name AS staff_name, g.allotted,
       count(*) AS grids
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN LATERAL (
    SELECT staff_id FROM duty
    WHERE grid_id = g.id AND role = 'primary' AND upper_inf(recorded) AND NOT isempty(valid)
      AND (upper_inf(valid) OR upper(valid) > current_date)
    ORDER BY lower(valid) LIMIT 1
) d ON true
LEFT JOIN staff s ON s.id = d.staff_id
WHERE g.plan_id = :plan_id AND g.level = 3
GROUP BY b.code, b.name, b.branch_type, s.code, s.name, g.allotted
ORDER BY b.code COLLATE "C", s.code COLLATE "C"
