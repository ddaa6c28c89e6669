-- Which of these customers of a block (ids from :low to below :high) carry the ID card of a customer outside it? One row for
-- each source of such, with its first key and how many there are.
WITH beside AS (
    SELECT o.id_card_hash, o.source_code, min(o.source_key) AS other_key, count(*) AS others
    FROM customer o
    WHERE (o.id < :low OR o.id >= :high) AND o.gone_at IS NULL AND o.id_card_hash IN (
        SELECT id_card_hash FROM customer WHERE id = ANY (:ids) AND id_card_hash IS NOT NULL)
    GROUP BY o.id_card_hash, o.source_code
)
SELECT c.id - :low AS row_no, c.source_key, o.source_code AS other_source, o.other_key, o.others
FROM customer c JOIN beside o USING (id_card_hash)
WHERE c.id = ANY (:ids)
ORDER BY c.id, o.source_code
