-- Who still stands as this run left him, and how did he stand before (no run before: not at all)?
SELECT a.customer_id AS id, a.rung, CAST('NaN' AS float8) AS x, CAST('NaN' AS float8) AS y, 0 AS unit,
    coalesce(a.grid_key, 0) AS old_key, a.run_id AS old_run, a.method, a.reason,
    coalesce(m.from_key, 0) AS from_key, m.from_run_id, m.from_method, m.from_reason
FROM assignment_run r
JOIN assignment_move m ON m.run_id = r.id AND NOT m.anew
JOIN assignment_row a ON a.customer_id = m.customer_id AND a.grid_key IS NOT DISTINCT FROM m.to_key
LEFT JOIN assignment_move u ON u.run_id = r.undoes AND u.customer_id = m.customer_id
WHERE r.id = :run_id AND (a.run_id = r.id OR a.run_id = u.from_run_id)
