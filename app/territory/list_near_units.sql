-- Which villages, communities and towns hold a point on a day or lie within so many metres of it, the nearest first?
WITH asked AS (
    SELECT ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) AS point
)
SELECT u.code, u.name, u.kind, u.town_code, u.town_name, away.distance_m
FROM asked
JOIN unit u ON u.geom && ST_Expand(asked.point, CAST(:dx AS float8), CAST(:dy AS float8))
CROSS JOIN LATERAL (
    SELECT ST_Distance(CAST(u.geom AS geography), CAST(asked.point AS geography)) AS distance_m
) AS away
WHERE u.kind IN ('village', 'community', 'town') AND u.valid @> CAST(:on AS date)
    AND away.distance_m <= CAST(:near_m AS float8)
ORDER BY away.distance_m, array_position(ARRAY['community', 'village', 'town'], u.kind), u.code, u.id DESC
