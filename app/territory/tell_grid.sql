-- What is this grid, and of which branch was it on a day, as known at a moment (now when NULL)?
-- In a plan in force a branch changes by an accepted offer, each from its own day on; before the first stood the former.
SELECT g.id, g.code, g.name, g.kind, g.town_code, g.town_name, b.code AS branch_code, b.name AS branch_name,
       b.branch_type
FROM grid g
JOIN plan p ON p.id = g.plan_id
LEFT JOIN LATERAL (
    SELECT a.branch_id FROM allotment a
    WHERE a.grid_id = g.id AND a.step = 'branch' AND a.state = 'accepted' AND a.answered_at >= p.published_at
      AND a.valid_from <= CAST(:on AS date)
      AND (CAST(:known_at AS timestamptz) IS NULL OR a.answered_at <= CAST(:known_at AS timestamptz))
    ORDER BY a.answered_at DESC, a.id DESC LIMIT 1
) given ON true
LEFT JOIN LATERAL (
    SELECT true AS changed, a.former_branch_id AS branch_id FROM allotment a
    WHERE a.grid_id = g.id AND a.step = 'branch' AND a.state = 'accepted' AND a.answered_at >= p.published_at
    ORDER BY a.answered_at, a.id LIMIT 1
) former ON true
LEFT JOIN branch b ON b.id = CASE WHEN given.branch_id IS NOT NULL THEN given.branch_id
                                  WHEN former.changed THEN former.branch_id ELSE g.branch_id END
WHERE g.id = :grid_id
