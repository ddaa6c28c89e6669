-- Who holds a grid in one role on any day from this one on?
SELECT s.name
FROM duty d JOIN staff s ON s.id = d.staff_id
WHERE d.grid_id = :grid_id AND d.role = :role AND upper_inf(d.recorded)
  AND d.valid && daterange(CAST(:valid_from AS date), NULL)
ORDER BY lower(d.valid)
LIMIT 1
