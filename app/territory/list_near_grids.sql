-- Which grids of a plan lie within so many metres of a point and do not hold it, the nearest first?
WITH asked AS (
    SELECT ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) AS point
)
SELECT g.id, g.code, g.name, g.kind, g.town_code, g.town_name, away.distance_m
FROM asked
JOIN grid g ON g.geom && ST_Expand(asked.point, CAST(:dx AS float8), CAST(:dy AS float8))
CROSS JOIN LATERAL (
    SELECT ST_Distance(CAST(g.geom AS geography), CAST(asked.point AS geography)) AS distance_m
) AS away
WHERE g.plan_id = :plan_id AND g.level = 3 AND away.distance_m <= CAST(:near_m AS float8)
    AND NOT ST_Covers(g.geom, asked.point)
ORDER BY away.distance_m, g.code
