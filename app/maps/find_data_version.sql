-- Which state of ground, people, faults and customers does a tile show? Any change gives another answer.
SELECT concat_ws('-',
    (SELECT concat(max(id), '.', max(reassigned)) FROM assignment_run WHERE current),
    (SELECT concat(id, '.', ground_version, '.', status) FROM plan WHERE id = :plan_id),
    (SELECT concat(count(*), '.', coalesce(max(id), 0), '.', count(*) FILTER (WHERE state = 'open'))
        FROM finding WHERE plan_id = :faults_plan_id),
    (SELECT concat(coalesce(max(id), 0), '.', count(*) FILTER (WHERE upper_inf(recorded) AND valid @> current_date)) FROM duty),
    (SELECT concat(count(*), '.', count(geom)) FROM branch)
) AS data_version;
