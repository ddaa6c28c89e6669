-- Which branches' grounds touch, so that their colours must differ?
SELECT DISTINCT a.branch_id AS one, b.branch_id AS other
FROM grid a JOIN grid b ON b.plan_id = a.plan_id AND b.branch_id > a.branch_id
    AND a.geom && b.geom AND ST_Intersects(a.geom, b.geom)
WHERE a.plan_id = :plan_id AND a.level = 3 AND b.level = 3;
