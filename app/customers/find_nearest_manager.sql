-- Who is to call on the people of this grid: its manager, else the manager of the nearest grid that has one?
SELECT s.id, s.code, s.name, s.phone, h.id = g.id AS own, h.name AS grid_name,
    ST_Distance(CAST(h.anchor AS geography), CAST(g.anchor AS geography)) AS distance_m
FROM grid g
JOIN grid h ON h.plan_id = g.plan_id AND h.level = 3
JOIN duty d ON d.grid_id = h.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
JOIN staff s ON s.id = d.staff_id
WHERE g.id = :grid_id
ORDER BY h.id <> g.id, distance_m
LIMIT 1
