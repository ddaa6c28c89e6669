-- Stores notices about grids of a plan; their shape is the grid's own.
INSERT INTO finding (plan_id, kind, severity, state, grid_ids, codes, names, geom, area_m2, width_m, detail)
SELECT g.plan_id, r.kind, r.severity, r.state, ARRAY[g.id], ARRAY[g.code], ARRAY[g.name], g.geom, g.area_m2, 0, r.detail
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (grid_id bigint, kind text, severity text, state text, detail jsonb)
JOIN grid g ON g.id = r.grid_id AND g.plan_id = :plan_id
RETURNING id
