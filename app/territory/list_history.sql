-- What was ever recorded of who holds a grid, the newest knowledge first?
SELECT d.role, s.code AS staff_code, s.name, lower(d.valid) AS valid_from, upper(d.valid) AS valid_to,
       lower(d.recorded) AS known_from, upper(d.recorded) AS known_to, d.reason
FROM duty d JOIN staff s ON s.id = d.staff_id
WHERE d.grid_id = :grid_id AND NOT isempty(d.recorded)
ORDER BY lower(d.recorded) DESC, d.id DESC
