-- Which waiting rows carry the telephone and the name of a customer stored under another source, where at most one of
-- the two shows an ID card (two cards say by themselves whether it is one person)?
WITH stored AS (
    SELECT c.phone_hash, c.name, c.source_code, c.id_card_hash IS NULL AS cardless, min(c.source_key) AS other_key,
        count(*) AS others
    FROM customer c
    WHERE c.source_code <> :source AND c.gone_at IS NULL
        AND c.phone_hash IN (
            SELECT phone_hash FROM intake_row WHERE import_id = :import_id AND phone_hash IS NOT NULL)
    GROUP BY c.phone_hash, c.name, c.source_code, cardless
)
SELECT r.row_no, r.source_key, s.source_code AS other_source, min(s.other_key) AS other_key, sum(s.others) AS others
FROM intake_row r
JOIN stored s ON s.phone_hash = r.phone_hash AND s.name = r.name AND (r.id_card_hash IS NULL OR s.cardless)
WHERE r.import_id = :import_id
GROUP BY r.row_no, r.source_key, s.source_code
ORDER BY r.row_no, s.source_code
