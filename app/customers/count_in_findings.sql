-- How many customers with a point stand within each finding of a plan's ground (all, or some by number)?
UPDATE finding f SET customers = (
    SELECT count(*) FROM assignment a WHERE a.geom && f.geom AND ST_Intersects(a.geom, f.geom)
)
WHERE f.plan_id = :plan_id AND f.kind = ANY (CAST(:kinds AS text[]))
  AND (CAST(:ids AS bigint[]) IS NULL OR f.id = ANY (CAST(:ids AS bigint[])))
