-- Which house of the bank is nearest to a point, and how far is it on the ground?
WITH asked AS (
    SELECT ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) AS point
), near AS (
    SELECT b.code, b.name, b.kind, b.branch_type, b.geom
    FROM branch b, asked
    WHERE b.geom IS NOT NULL
    ORDER BY b.geom <-> asked.point
    LIMIT 8
)
SELECT near.code, near.name, near.kind, near.branch_type,
    ST_Distance(CAST(near.geom AS geography), CAST(asked.point AS geography)) AS distance_m
FROM near, asked
ORDER BY distance_m, near.code
LIMIT 1
