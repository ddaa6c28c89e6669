-- Open faults over the map, for a stand-alone map.
SELECT id, kind, severity, array_to_string(names, ' × ') AS names, area_m2, customers, ST_AsBinary(geom) AS shape
FROM finding
WHERE plan_id = :faults_plan_id AND state = 'open' AND kind <> ALL (CAST(:notices AS text[]))
    AND (CAST(:branch_id AS bigint) IS NULL OR EXISTS (
    SELECT 1 FROM grid g WHERE g.plan_id = :plan_id AND g.branch_id = :branch_id AND g.geom && finding.geom
        AND ST_Intersects(g.geom, finding.geom)));
