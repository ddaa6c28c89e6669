-- These customers stand from now on so in this run.
INSERT INTO assignment (run_id, customer_id, grid_id, rung, method, reason, standing, tier, geom)
SELECT :run_id, r.customer_id, r.grid_id, p.rung, r.method, r.reason, c.standing, c.tier, p.geom
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (customer_id bigint, grid_id bigint, method text, reason text)
JOIN placement p ON p.customer_id = r.customer_id
JOIN customer c ON c.id = r.customer_id
ON CONFLICT (customer_id, run_id) DO UPDATE SET grid_id = excluded.grid_id, rung = excluded.rung,
    method = excluded.method, reason = excluded.reason, standing = excluded.standing, tier = excluded.tier,
    geom = excluded.geom
