-- Keeps answers as they were given, and who asked about whom; tells each one's number, whose grid it is, and an approved exception that stands.
WITH given AS (
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (n integer, branch_id bigint, on_date date,
        customer_id bigint, subject text, lon float8, lat float8, rung smallint, answer text, reason text,
        distance_m float8, edge_m float8, plan_id bigint, ground_version integer, grid_id bigint, own boolean, detail jsonb)
), holder AS (
    SELECT r.n, b.id, b.code, b.name
    FROM given r JOIN grid g ON g.id = r.grid_id JOIN branch b ON b.id = g.branch_id WHERE NOT r.own
), kept AS (
    INSERT INTO lending_check (asked_by, branch_id, on_date, customer_id, subject, geom, rung, answer, reason,
        distance_m, edge_m, plan_id, ground_version, grid_id, holder_branch_id, batch, detail)
    SELECT CAST(:asked_by AS bigint), r.branch_id, r.on_date, r.customer_id, r.subject,
        ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326), r.rung, r.answer, r.reason, r.distance_m, r.edge_m, r.plan_id,
        r.ground_version, r.grid_id, h.id, CAST(:batch AS uuid), r.detail || jsonb_build_object('n', r.n)
    FROM given r LEFT JOIN holder h USING (n)
    ORDER BY r.n
    RETURNING id, asked_at, (detail ->> 'n')::integer AS n
), told AS (
    INSERT INTO audit (user_id, action, subject, customer_ids, detail)
    VALUES (CAST(:asked_by AS bigint), 'lending_check', :branches, CAST(:customer_ids AS bigint[]), CAST(:audit AS jsonb))
)
SELECT k.n, k.id, k.asked_at, h.code AS holder_code, h.name AS holder_name, e.id AS exception_id,
       e.valid_until AS exception_until
FROM kept k JOIN given r USING (n) LEFT JOIN holder h USING (n)
LEFT JOIN LATERAL (
    SELECT e.id, e.valid_until
    FROM lending_exception e JOIN lending_check c ON c.id = e.check_id
    WHERE e.branch_id = r.branch_id AND e.state = 'approved' AND e.valid_until >= r.on_date
        AND (e.decided_at AT TIME ZONE 'Asia/Shanghai')::date <= r.on_date
        AND c.detail ->> 'key' = r.detail ->> 'key'
    ORDER BY e.valid_until DESC, e.id DESC LIMIT 1
) e ON true
ORDER BY k.n
