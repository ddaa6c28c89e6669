-- The grids that somebody holds today as primary or backup, how many live there, how many were met this month?
SELECT g.id, g.code, g.name, d.role, coalesce(n.existing, 0) AS existing, coalesce(n.filed, 0) AS filed,
    coalesce(n.visited, 0) AS visited, coalesce(n.strategic, 0) + coalesce(n.key, 0) AS key_clients, ST_X(g.anchor) AS lon, ST_Y(g.anchor) AS lat,
    CAST(sqrt(ST_Area(g.geom::geography) / pi()) AS int) AS reach_m
FROM duty d JOIN grid g ON g.id = d.grid_id JOIN plan p ON p.id = g.plan_id
LEFT JOIN grid_count n ON n.grid_id = g.id
WHERE d.staff_id = :staff_id AND d.role IN ('primary', 'backup') AND upper_inf(d.recorded) AND d.valid @> current_date
    AND p.status = 'in_force' AND p.valid @> current_date AND g.level = 3
ORDER BY d.role = 'primary' DESC, g.code COLLATE "C"
