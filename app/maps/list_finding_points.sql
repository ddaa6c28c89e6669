-- Whoever lives in a finding's ground, and around it, as far as the viewer sees him: points for the map, those inside first.
WITH fault AS (
    SELECT geom, ST_Expand(geom, 0.012) AS around FROM finding WHERE id = :finding_id AND plan_id = :plan_id
)
SELECT a.customer_id, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat, a.standing, a.tier,
    (a.geom && f.geom AND ST_Intersects(a.geom, f.geom)) AS inside
FROM fault f JOIN assignment a ON a.geom && f.around
ORDER BY inside DESC, a.customer_id
LIMIT 1500
