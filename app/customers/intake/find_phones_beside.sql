-- Which of these customers of a block (ids from :low on) carry the telephone and the name of a customer of another source,
-- where at most one of the two shows an ID card (two cards say by themselves whether it is one person)?
SELECT c.id - :low AS row_no, c.source_key, o.source_code AS other_source, min(o.source_key) AS other_key,
    count(*) AS others
FROM customer c
JOIN customer o ON o.phone_hash = c.phone_hash AND o.name = c.name AND o.source_code <> c.source_code
    AND o.gone_at IS NULL AND (c.id_card_hash IS NULL OR o.id_card_hash IS NULL)
WHERE c.id = ANY (:ids)
GROUP BY c.id, c.source_key, o.source_code
ORDER BY c.id, o.source_code
