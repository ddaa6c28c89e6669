-- How many customers stand within each finding of a plan? (Ground does not know customers; the story does.)
UPDATE finding f SET customers = (
    SELECT count(*) FROM assignment a WHERE a.geom && f.geom AND ST_Intersects(a.geom, f.geom)
) WHERE f.plan_id = :plan_id
