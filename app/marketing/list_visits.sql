-- The latest visits in a grid: when, by whom, of what kind, what came of it, with which photographs?
SELECT v.id, v.customer_id, v.visited_at, v.entered_at, v.kind, v.outcome, v.note, s.name AS staff_name,
    ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat, v.accuracy_m, v.inside_grid, v.clock_off_s,
    v.entered_at - v.visited_at > interval '24 hours' AS late,
    ARRAY(SELECT f.id FROM visit_photo f WHERE f.visit_id = v.id ORDER BY f.id) AS photos
FROM visit v LEFT JOIN staff s ON s.id = v.staff_id
WHERE v.grid_id = :grid_id ORDER BY v.visited_at DESC LIMIT :limit
