-- Gives grids the duties that stand on other grids, known from this moment.
INSERT INTO duty (grid_id, staff_id, role, valid, recorded, reason)
SELECT pair.to_id, d.staff_id, d.role, d.valid, tstzrange(statement_timestamp(), NULL), d.reason
FROM unnest(CAST(:from_ids AS bigint[]), CAST(:to_ids AS bigint[])) AS pair (from_id, to_id)
JOIN duty d ON d.grid_id = pair.from_id
WHERE upper_inf(d.recorded) AND NOT isempty(d.valid)
