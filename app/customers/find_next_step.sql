-- Which run stands, on which ground, and which plan is next (the one named, or the one in force today)? No plan, no row.
-- `unfollowed`: a pass of placing that no whole run has followed; `newcomers`: the newest of a block has no grid yet.
SELECT a.id AS next_id, a.code AS next_code, a.ground_version AS next_version, a.market_rule AS next_rule,
    a.precedence AS next_precedence, b.code AS plan_code, b.ground_version, b.market_rule, b.precedence,
    r.id, r.plan_id, r.ground_version AS run_version, r.total, r.assigned, r.contested, r.outside, r.unlocated,
    r.by_method, r.unassigned,
    EXISTS (SELECT FROM placement_run q WHERE CAST(q.counts ->> 'written' AS bigint) > 0
        AND q.finished_at > ALL (SELECT w.started_at FROM assignment_run w WHERE w.kind = 'whole'
            AND NOT EXISTS (SELECT FROM assignment_run u WHERE u.undoes = w.id))) AS unfollowed,
    EXISTS (SELECT FROM customer_block k CROSS JOIN LATERAL (
        SELECT p.customer_id FROM placement p JOIN customer c ON c.id = p.customer_id AND c.gone_at IS NULL
        WHERE p.customer_id < (k.id + 1) * CAST(1000000000 AS bigint)
            AND (k.id = 0 OR p.customer_id >= k.id * CAST(1000000000 AS bigint))
        ORDER BY p.customer_id DESC LIMIT 1) last
        WHERE k.state = 'ready'
            AND NOT EXISTS (SELECT FROM assignment_row o WHERE o.customer_id = last.customer_id)) AS newcomers
FROM plan a LEFT JOIN (assignment_run r JOIN plan b ON b.id = r.plan_id) ON r.current
WHERE (CAST(:code AS text) IS NOT NULL AND a.code = :code)
    OR (CAST(:code AS text) IS NULL AND a.status = 'in_force' AND a.valid @> current_date)
