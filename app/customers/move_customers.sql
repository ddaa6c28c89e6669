-- These customers stand otherwise from now on, and it is kept how they stood before.
WITH m AS MATERIALIZED (
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:run_ids AS bigint[]), CAST(:to_keys AS bigint[]),
        CAST(:methods AS text[]), CAST(:reasons AS text[]), CAST(:from_keys AS bigint[]), CAST(:from_runs AS bigint[]),
        CAST(:from_methods AS text[]), CAST(:from_reasons AS text[])) AS m (customer_id, to_run_id, to_key, method, reason,
        from_key, from_run_id, from_method, from_reason)
), written AS (
    UPDATE assignment_row a SET run_id = m.to_run_id, grid_key = m.to_key, method = m.method, reason = m.reason
    FROM m WHERE a.customer_id = m.customer_id
)
INSERT INTO assignment_move (run_id, customer_id, from_grid_id, to_grid_id, from_key, to_key, from_run_id, from_method,
    from_reason)
SELECT :run_id, m.customer_id, b.id, a.id, m.from_key, m.to_key, m.from_run_id, m.from_method, m.from_reason
FROM m LEFT JOIN grid b ON b.plan_id = :before_plan AND b.key_id = m.from_key
LEFT JOIN grid a ON a.plan_id = :after_plan AND a.key_id = m.to_key
