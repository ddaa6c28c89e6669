-- Stores findings of a plan's ground with their shapes (hexadecimal EWKB).
INSERT INTO finding (plan_id, kind, severity, state, grid_ids, codes, names, geom, area_m2, width_m, detail)
SELECT :plan_id, r.kind, r.severity, r.state, r.grid_ids, r.codes, r.names, CAST(r.geom AS geometry), r.area_m2,
       r.width_m, r.detail
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (kind text, severity text, state text, grid_ids bigint[],
    codes text[], names text[], geom text, area_m2 float8, width_m float8, detail jsonb)
RETURNING id
