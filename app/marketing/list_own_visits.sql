-- The latest visits that one person of the staff reported: of whom, where, how late, with which photographs?
SELECT v.id, v.customer_id, c.name, c.kind AS party, g.name AS grid_name, v.visited_at, v.entered_at, v.kind, v.outcome,
    v.note, v.inside_grid, v.clock_off_s, v.entered_at - v.visited_at > interval '24 hours' AS late,
    ARRAY(SELECT f.id FROM visit_photo f WHERE f.visit_id = v.id ORDER BY f.id) AS photos
FROM visit v JOIN grid g ON g.id = v.grid_id LEFT JOIN customer c ON c.id = v.customer_id
WHERE v.staff_id = :staff_id ORDER BY v.visited_at DESC LIMIT :limit
