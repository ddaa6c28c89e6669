-- The latest visits in a grid: when, by whom, what came of it?
SELECT v.id, v.customer_id, v.visited_at, v.entered_at, v.outcome, v.note, s.name AS staff_name,
    ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat, v.accuracy_m
FROM visit v LEFT JOIN staff s ON s.id = v.staff_id
WHERE v.grid_id = :grid_id ORDER BY v.visited_at DESC LIMIT :limit
