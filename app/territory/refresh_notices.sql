-- Gives notices the shape, name and particulars that their grid has now.
UPDATE finding f
SET severity = r.severity, state = r.state, detail = r.detail, codes = ARRAY[g.code], names = ARRAY[g.name],
    geom = g.geom, area_m2 = g.area_m2
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id bigint, severity text, state text, detail jsonb), grid g
WHERE f.id = r.id AND g.id = f.grid_ids[1]
