-- Which of these customers of a block (ids from :low on) carry the ID card of an earlier row under another key, and of which?
SELECT id - :low AS row_no, source_key, first_id - :low AS other_row, first_key AS other_key
FROM (
    SELECT id, source_key, first_value(id) OVER card AS first_id, first_value(source_key) OVER card AS first_key
    FROM customer WHERE id = ANY (:ids) AND id_card_hash IS NOT NULL
    WINDOW card AS (PARTITION BY id_card_hash ORDER BY id)
) AS k
WHERE id <> first_id
ORDER BY id
