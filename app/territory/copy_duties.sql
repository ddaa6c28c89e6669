-- Copies the duties that stand today or later on one plan's grids to the grids of the same code in another.
INSERT INTO duty (grid_id, staff_id, role, valid, reason)
SELECT target.id, d.staff_id, d.role, d.valid, d.reason
FROM duty d
JOIN grid source ON source.id = d.grid_id AND source.plan_id = :from_id
JOIN grid target ON target.plan_id = :to_id AND target.code = source.code
WHERE upper_inf(d.recorded) AND (upper_inf(d.valid) OR upper(d.valid) > current_date) AND NOT isempty(d.valid)
