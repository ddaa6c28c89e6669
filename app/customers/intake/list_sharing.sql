-- Which customers of these numbers share a card, a telephone, or name and village with anybody? A first, wide net.
SELECT array_agg(DISTINCT id) FROM (
    SELECT c.id FROM (
        SELECT id_card_hash FROM customer WHERE id_card_hash IS NOT NULL GROUP BY 1 HAVING count(*) > 1
    ) AS k JOIN customer c USING (id_card_hash) WHERE c.id >= :low AND c.id < :high
    UNION ALL
    SELECT c.id FROM (
        SELECT phone_hash FROM customer WHERE phone_hash IS NOT NULL GROUP BY 1 HAVING count(*) > 1
    ) AS k JOIN customer c USING (phone_hash) WHERE c.id >= :low AND c.id < :high
    UNION ALL
    SELECT unnest(k.ids) FROM (
        SELECT array_agg(c.id) FILTER (WHERE c.id >= :low AND c.id < :high) AS ids
        FROM customer c JOIN placement p ON p.customer_id = c.id
        WHERE c.address IS NOT NULL AND p.unit_code IS NOT NULL GROUP BY p.unit_code, c.name HAVING count(*) > 1
    ) AS k
) AS s
