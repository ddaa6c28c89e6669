-- The notices of a plan as they are stored (all, or of some grids and of grids that are gone), and whether their grid
-- is still as it was then.
SELECT f.id, f.kind, f.state, f.severity, f.grid_ids, f.codes, f.names, f.area_m2, f.customers, f.detail,
       coalesce(g.area_m2 = f.area_m2 AND g.code = f.codes[1] AND g.name = f.names[1] AND ST_OrderingEquals(g.geom, f.geom),
                false) AS stands
FROM finding f
LEFT JOIN grid g ON g.id = f.grid_ids[1]
WHERE f.plan_id = :plan_id AND f.kind = ANY (CAST(:kinds AS text[]))
  AND (CAST(:grid_ids AS bigint[]) IS NULL OR f.grid_ids && CAST(:grid_ids AS bigint[]) OR g.id IS NULL)
ORDER BY f.id
