-- The latest visits to a customer: when, by whom, what came of it?
SELECT v.id, v.visited_at, v.outcome, v.note, s.name AS staff_name
FROM visit v LEFT JOIN staff s ON s.id = v.staff_id
WHERE v.customer_id = :customer_id ORDER BY v.visited_at DESC, v.id DESC LIMIT :limit
