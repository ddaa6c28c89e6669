-- Faults on the ground of a box and of some grids: of some kinds, or (no kinds named) those that must be mended.
SELECT f.id, f.kind, f.grid_ids, f.codes, f.names, f.area_m2, f.width_m, ST_AsBinary(f.geom) AS wkb
FROM finding f
WHERE f.plan_id = :plan_id
    AND (f.kind = ANY (CAST(:kinds AS text[]))
        OR (cardinality(CAST(:kinds AS text[])) = 0 AND f.severity = 'must_fix' AND f.state = 'open'))
    AND (f.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) OR f.grid_ids && CAST(:ids AS bigint[]))
ORDER BY f.id
