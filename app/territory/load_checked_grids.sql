-- Which level 3 grids of a plan lie in or at a box, and which have no ground at all?
SELECT g.id, g.code, g.name, g.kind, g.branch_id, g.area_m2, ST_AsBinary(g.geom) AS wkb
FROM grid g
WHERE g.plan_id = :plan_id AND g.level = 3
  AND g.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
UNION ALL
SELECT g.id, g.code, g.name, g.kind, g.branch_id, g.area_m2, ST_AsBinary(g.geom)
FROM grid g
WHERE g.plan_id = :plan_id AND g.level = 3 AND g.area_m2 = 0
ORDER BY 2, 1
