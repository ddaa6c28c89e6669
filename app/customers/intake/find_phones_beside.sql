-- Which of these customers of a block (ids from :low on) carry the telephone and the name of a customer of another source,
-- where at most one of the two shows an ID card (two cards say by themselves whether it is one person)?
WITH beside AS (
    SELECT o.phone_hash, o.name, o.source_code, o.id_card_hash IS NULL AS cardless, min(o.source_key) AS other_key,
        count(*) AS others
    FROM customer o
    WHERE o.gone_at IS NULL AND o.phone_hash IN (
        SELECT phone_hash FROM customer WHERE id = ANY (:ids) AND phone_hash IS NOT NULL)
    GROUP BY o.phone_hash, o.name, o.source_code, cardless
)
SELECT c.id - :low AS row_no, c.source_key, o.source_code AS other_source, min(o.other_key) AS other_key,
    sum(o.others) AS others
FROM customer c
JOIN beside o ON o.phone_hash = c.phone_hash AND o.name = c.name AND o.source_code <> c.source_code
    AND (c.id_card_hash IS NULL OR o.cardless)
WHERE c.id = ANY (:ids)
GROUP BY c.id, c.source_key, o.source_code
ORDER BY c.id, o.source_code
