-- Who holds a grid today, and as what?
SELECT d.role, s.id, s.code, s.name, s.phone
FROM duty d JOIN staff s ON s.id = d.staff_id
WHERE d.grid_id = :grid_id AND upper_inf(d.recorded) AND d.valid @> current_date ORDER BY d.role, d.id DESC
