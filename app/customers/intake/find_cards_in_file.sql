-- Which waiting rows carry the ID card of an earlier row under another key, and of which row?
SELECT row_no, source_key, first_row AS other_row, first_key AS other_key
FROM (
    SELECT row_no, source_key, first_value(row_no) OVER card AS first_row,
        first_value(source_key) OVER card AS first_key
    FROM intake_row WHERE import_id = :import_id AND id_card_hash IS NOT NULL
    WINDOW card AS (PARTITION BY id_card_hash ORDER BY row_no)
) AS k
WHERE row_no <> first_row
ORDER BY row_no
