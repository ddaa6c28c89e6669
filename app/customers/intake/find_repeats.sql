-- Which waiting rows repeat the key of an earlier row of the same file, and of which row?
SELECT row_no, source_key, first_row
FROM (
    SELECT row_no, source_key, min(row_no) OVER (PARTITION BY source_key) AS first_row
    FROM intake_row WHERE import_id = :import_id
) AS k
WHERE row_no <> first_row
ORDER BY row_no
