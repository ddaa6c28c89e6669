-- How do the customers stand who have no point and of whom one of these official places is known?
SELECT a.customer_id AS id, a.rung, CAST('NaN' AS float8) AS x, CAST('NaN' AS float8) AS y,
    hashtextextended(p.unit_code, 0) AS unit, coalesce(a.grid_key, 0) AS old_key, a.run_id AS old_run, a.method, a.reason
FROM placement p JOIN assignment_row a ON a.customer_id = p.customer_id
WHERE p.geom IS NULL AND p.unit_code = ANY(CAST(:units AS text[]))
