-- What waits in the viewer's sight: grids without a primary manager, doubtful placements, problems due, strategic and key
-- clients due for a visit, exceptions asked for, grids offered, people whose letter is missing?
SELECT
    (SELECT count(*) FROM grid g JOIN plan p ON p.id = g.plan_id WHERE p.status = 'in_force' AND p.valid @> current_date
        AND g.level = 3 AND NOT EXISTS (SELECT 1 FROM duty d WHERE d.grid_id = g.id AND d.role = 'primary'
            AND upper_inf(d.recorded) AND d.valid @> current_date)) AS vacant,
    (SELECT coalesce(CAST(r.unassigned ->> 'existing' AS bigint), 0) + coalesce(CAST(r.unassigned ->> 'prospects' AS bigint), 0)
        FROM assignment_run r WHERE r.current) AS gridless,
    (SELECT count(*) FROM placement_case c WHERE c.state = 'open') AS cases,
    (SELECT count(*) FROM problem p WHERE p.state = 'open' AND p.due_on <= current_date) AS problems,
    (SELECT count(*) FROM assignment a JOIN customer c ON c.id = a.customer_id
        WHERE a.tier = 'strategic' AND a.standing = 'existing' AND a.grid_id IS NOT NULL AND c.gone_at IS NULL
            AND (c.last_visit_on IS NULL OR c.last_visit_on <= current_date - CAST(:strategic_days AS int))) AS due_strategic,
    (SELECT count(*) FROM assignment a JOIN customer c ON c.id = a.customer_id
        WHERE a.tier = 'key' AND a.standing = 'existing' AND a.grid_id IS NOT NULL AND c.gone_at IS NULL
            AND (c.last_visit_on IS NULL OR c.last_visit_on <= current_date - CAST(:key_days AS int))) AS due_key,
    (SELECT count(*) FROM lending_exception e WHERE e.state = 'asked') AS exceptions,
    (SELECT count(*) FROM allotment a WHERE a.state = 'offered') AS offers,
    (SELECT count(DISTINCT d.staff_id) FROM duty d JOIN grid g ON g.id = d.grid_id JOIN plan p ON p.id = g.plan_id
        WHERE p.status = 'in_force' AND p.valid @> current_date AND d.role = 'primary' AND upper_inf(d.recorded)
            AND d.valid @> current_date AND NOT EXISTS (SELECT 1 FROM letter_signature l
                WHERE l.plan_id = p.id AND l.staff_id = d.staff_id)) AS letters
