-- Strategic and key clients: one symbol each where a point is known, one hollow symbol a grid with their number where not.
SELECT c.tier, c.grid_id, c.placed, count(*)::int AS number, ST_AsBinary(c.spot) AS shape
FROM (
    SELECT a.tier, a.grid_id, a.geom IS NOT NULL AS placed, coalesce(a.geom, g.anchor) AS spot,
        CASE WHEN a.geom IS NULL THEN 0 ELSE a.customer_id END AS part
    FROM grid g JOIN assignment a ON a.grid_id = g.id AND a.tier IN ('strategic', 'key')
    WHERE g.plan_id = :plan_id AND (CAST(:branch_id AS bigint) IS NULL OR g.branch_id = :branch_id)
) c
GROUP BY c.tier, c.grid_id, c.placed, c.spot, c.part;
