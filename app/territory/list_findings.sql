-- What is wrong with a plan's ground, gravest and largest first?
SELECT f.id, f.kind, f.severity, f.state, f.grid_ids, f.codes, f.names, f.area_m2, f.width_m, f.customers, f.found_at,
       ARRAY[ST_XMin(f.geom), ST_YMin(f.geom), ST_XMax(f.geom), ST_YMax(f.geom)] AS bbox,
       ST_AsBinary(f.geom) AS wkb
FROM finding f
WHERE f.plan_id = :plan_id
ORDER BY array_position(ARRAY['must_fix', 'confirm', 'harmless'], f.severity), f.area_m2 DESC, f.id
