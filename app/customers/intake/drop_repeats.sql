-- Rows that repeat the key of an earlier row of the same file are taken out.
DELETE FROM intake_row AS r
USING (
    SELECT row_no, min(row_no) OVER (PARTITION BY source_key) AS first_row
    FROM intake_row WHERE import_id = :import_id
) AS k
WHERE r.import_id = :import_id AND r.row_no = k.row_no AND k.row_no <> k.first_row
