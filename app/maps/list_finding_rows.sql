-- The findings of a plan in sight, the gravest and largest first.
SELECT f.id, f.kind, f.severity, f.state, f.codes, f.names, f.area_m2, f.width_m, f.customers, f.found_at,
    ST_XMin(f.geom) AS west, ST_YMin(f.geom) AS south, ST_XMax(f.geom) AS east, ST_YMax(f.geom) AS north
FROM finding f JOIN plan p ON p.id = f.plan_id
WHERE p.code = :plan AND f.kind <> ALL (CAST(:notices AS text[]))
ORDER BY array_position(ARRAY['must_fix', 'confirm', 'harmless'], f.severity), f.area_m2 DESC, f.id
