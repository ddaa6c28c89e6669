-- These customers stand from now on so; whoever stands so already keeps the run that decided it. Who is written?
INSERT INTO assignment_row AS a (run_id, customer_id, grid_key, rung, method, reason, standing, tier, geom)
SELECT :run_id, r.customer_id, g.key_id, p.rung, r.method, r.reason, c.standing, c.tier, p.geom
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (customer_id bigint, grid_id bigint, method text, reason text)
JOIN placement p ON p.customer_id = r.customer_id
JOIN customer c ON c.id = r.customer_id
LEFT JOIN grid g ON g.id = r.grid_id
ON CONFLICT (customer_id) DO UPDATE SET run_id = excluded.run_id, grid_key = excluded.grid_key, rung = excluded.rung,
    method = excluded.method, reason = excluded.reason, standing = excluded.standing, tier = excluded.tier,
    geom = excluded.geom
WHERE (a.grid_key, a.rung, a.method, a.reason, a.standing, a.tier, CAST(a.geom AS bytea))
    IS DISTINCT FROM (excluded.grid_key, excluded.rung, excluded.method, excluded.reason, excluded.standing, excluded.tier,
        CAST(excluded.geom AS bytea))
RETURNING customer_id
