-- What is wrong with a plan's ground, and what is to be noticed about its grids: gravest and largest first?
SELECT f.id, f.kind, f.severity, f.state, f.grid_ids, f.codes, f.names, f.area_m2, f.width_m, f.customers, f.found_at,
       f.detail,
       ARRAY[ST_XMin(f.geom), ST_YMin(f.geom), ST_XMax(f.geom), ST_YMax(f.geom)] AS bbox,
       (SELECT array_agg(DISTINCT g.town_name) FROM grid g
        WHERE g.id = ANY (f.grid_ids) AND g.town_name IS NOT NULL) AS towns,
       ST_AsBinary(f.geom) AS wkb
FROM finding f
WHERE f.plan_id = :plan_id AND f.kind = ANY (CAST(:kinds AS text[]))
  AND (CAST(:ids AS bigint[]) IS NULL OR f.id = ANY (CAST(:ids AS bigint[])))
  AND (CAST(:state AS text) IS NULL OR f.state = :state)
  AND (CAST(:min_area_m2 AS float8) IS NULL OR f.area_m2 >= :min_area_m2)
  AND (CAST(:max_area_m2 AS float8) IS NULL OR f.area_m2 <= :max_area_m2)
  AND (f.kind = ANY (CAST(:notices AS text[]))
       OR (CAST(:min_width_m AS float8) IS NULL OR f.width_m >= :min_width_m)
       AND (CAST(:max_width_m AS float8) IS NULL OR f.width_m <= :max_width_m))
ORDER BY array_position(ARRAY['must_fix', 'confirm', 'harmless'], f.severity), f.area_m2 DESC, f.id
