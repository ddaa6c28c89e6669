-- Which problems are in sight, what is due first on top?
SELECT p.id, p.title, p.detail, p.due_on, p.state, p.answer, p.opened_at, p.done_at, p.closed_at, g.id AS grid_id,
       g.code AS grid_code, g.name AS grid_name, b.name AS branch, s.code AS staff_code, s.name AS staff,
       p.state = 'open' AND p.due_on < CAST(:on AS date) AS late,
       coalesce(ST_X(p.geom), ST_X(g.anchor)) AS lon, coalesce(ST_Y(p.geom), ST_Y(g.anchor)) AS lat,
       p.geom IS NOT NULL AS pinned
FROM problem p
JOIN grid g ON g.id = p.grid_id
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN staff s ON s.id = p.staff_id
WHERE (CAST(:state AS text) IS NULL OR p.state = :state)
  AND (NOT CAST(:overdue AS boolean) OR (p.state = 'open' AND p.due_on < CAST(:on AS date)))
ORDER BY array_position(ARRAY['open', 'done', 'closed'], p.state), p.due_on, p.id
LIMIT :limit
