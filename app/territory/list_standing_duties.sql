-- Who holds which grid of a plan in which role without an end, and since when?
SELECT d.grid_id, d.role, d.staff_id, lower(d.valid) AS valid_from
FROM duty d JOIN grid g ON g.id = d.grid_id
WHERE g.plan_id = :plan_id AND upper_inf(d.recorded) AND upper_inf(d.valid)
