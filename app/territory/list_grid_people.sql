-- Who held a grid on a day in which role, as known at a moment (now when NULL)? Of several in one role the first named first.
SELECT d.role, s.code, s.name, s.phone, lower(d.valid) AS valid_from, upper(d.valid) AS valid_to,
       lower(d.recorded) AS known_from, d.reason
FROM duty d LEFT JOIN staff s ON s.id = d.staff_id
WHERE d.grid_id = :grid_id AND d.valid @> CAST(:on AS date)
  AND d.recorded @> coalesce(CAST(:known_at AS timestamptz), 'infinity'::timestamptz)
ORDER BY d.role, lower(d.valid), s.code
