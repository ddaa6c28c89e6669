-- In which state is each grid of the drawn plan: held, vacant, offered or contested?
SELECT g.id AS grid_id,
    CASE WHEN EXISTS (SELECT 1 FROM finding f WHERE f.plan_id IN (:plan_id, :faults_plan_id) AND f.state = 'open'
            AND f.kind IN ('overlap', 'duplicate') AND f.kind <> ALL (CAST(:notices AS text[])) AND g.code = ANY (f.codes)) THEN 'contested'
        WHEN EXISTS (SELECT 1 FROM allotment a WHERE a.grid_id = g.id AND a.state = 'offered' AND a.role = 'primary') THEN 'offered'
        WHEN d.staff_id IS NULL THEN 'vacant' ELSE 'held' END AS state
FROM grid g
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
WHERE g.plan_id = :plan_id AND g.level = 3;
