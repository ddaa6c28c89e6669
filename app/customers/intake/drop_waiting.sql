-- Waiting rows that repeat the key of an earlier row of the same file are taken out.
DELETE FROM intake_row WHERE import_id = :import_id AND row_no = ANY (CAST(:rows AS bigint[]))
