-- Stored customers whose rows say nothing new: they are what this import's row was.
UPDATE customer c SET import_id = r.import_id, row_hash = r.row_hash
FROM unnest(CAST(:rows AS bigint[]), CAST(:ids AS bigint[])) AS n (row_no, id)
JOIN intake_row r ON r.import_id = :import_id AND r.row_no = n.row_no
WHERE c.id = n.id AND (c.import_id, c.row_hash) IS DISTINCT FROM (r.import_id, r.row_hash)
