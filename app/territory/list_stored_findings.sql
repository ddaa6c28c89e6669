-- The findings of a plan's ground as they are stored: all, or those in or at a box, without ground, or of lost grids.
SELECT f.id, f.kind, f.state, f.severity, f.grid_ids, f.codes, f.names, f.area_m2, f.width_m, f.customers, f.detail,
       lost.any AS lost, ST_AsBinary(f.geom) AS wkb
FROM finding f
CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT 1 FROM unnest(f.grid_ids) AS m (id)
                   WHERE NOT EXISTS (SELECT 1 FROM grid g WHERE g.id = m.id)) AS any
) AS lost
WHERE f.plan_id = :plan_id AND f.kind = ANY (CAST(:kinds AS text[]))
  AND (CAST(:west AS float8) IS NULL
       OR f.geom && ST_MakeEnvelope(CAST(:west AS float8), CAST(:south AS float8), CAST(:east AS float8),
                                    CAST(:north AS float8), 4326)
       OR ST_IsEmpty(f.geom)
       OR lost.any)
ORDER BY f.id
