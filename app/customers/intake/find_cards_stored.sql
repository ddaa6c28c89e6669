-- Which waiting rows carry the ID card of a stored customer: of another source, or of this one under another key that
-- the file does not hold? One row for each such source, with its first key and how many there are.
WITH stored AS (
    SELECT c.id_card_hash, c.source_code, min(c.source_key) AS other_key, count(*) AS others
    FROM customer c
    LEFT JOIN intake_row r
        ON r.import_id = :import_id AND c.source_code = :source AND r.source_key = c.source_key
    WHERE r.row_no IS NULL AND c.gone_at IS NULL
        AND c.id_card_hash IN (
            SELECT id_card_hash FROM intake_row WHERE import_id = :import_id AND id_card_hash IS NOT NULL)
    GROUP BY c.id_card_hash, c.source_code
)
SELECT r.row_no, r.source_key, s.source_code AS other_source, s.other_key, s.others
FROM intake_row r JOIN stored s ON s.id_card_hash = r.id_card_hash
WHERE r.import_id = :import_id
ORDER BY r.row_no, s.source_code
