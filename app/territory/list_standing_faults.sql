-- What must be mended on the ground of a box and on some grids: kind, grids, shape.
SELECT f.id, f.kind, f.grid_ids, f.codes, f.names, f.area_m2, f.width_m, ST_AsBinary(f.geom) AS wkb
FROM finding f
WHERE f.plan_id = :plan_id AND f.severity = 'must_fix' AND f.state = 'open'
    AND (f.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) OR f.grid_ids && CAST(:ids AS bigint[]))
ORDER BY f.id
