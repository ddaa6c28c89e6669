-- Which of these stored customers become somebody of another standing by their waiting rows, or come back? Noted with the
-- grid in which they stand until then. Asked before the rows are merged, for the merge overwrites what they were.
INSERT INTO customer_change (customer_id, grid_key, stood, stands)
SELECT c.id, a.grid_key, CASE WHEN c.gone_at IS NULL THEN c.standing ELSE 'gone' END, r.standing
FROM unnest(CAST(:rows AS bigint[]), CAST(:ids AS bigint[])) AS n (row_no, id)
JOIN intake_row r ON r.import_id = :import_id AND r.row_no = n.row_no
JOIN customer c ON c.id = n.id AND (c.gone_at IS NOT NULL OR c.standing <> r.standing)
LEFT JOIN assignment_row a ON a.customer_id = c.id
ORDER BY c.id
