-- Which of these customers of a block (ids from :low to below :high) carry the ID card of a customer outside it? One row for
-- each source of such, with its first key and how many there are.
SELECT c.id - :low AS row_no, c.source_key, o.source_code AS other_source, min(o.source_key) AS other_key,
    count(*) AS others
FROM customer c
JOIN customer o ON o.id_card_hash = c.id_card_hash AND (o.id < :low OR o.id >= :high) AND o.gone_at IS NULL
WHERE c.id = ANY (:ids)
GROUP BY c.id, c.source_key, o.source_code
ORDER BY c.id, o.source_code
