-- Who holds these grids in which role from when to when, as known now?
SELECT grid_id, role, staff_id, lower(valid) AS begins, upper(valid) AS ends, reason
FROM duty
WHERE grid_id = ANY (CAST(:grid_ids AS bigint[])) AND upper_inf(recorded) AND NOT isempty(valid)
