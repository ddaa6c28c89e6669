-- Which customers of a block (ids from :low to below :high) share a card, a telephone, or name and village with one outside?
-- A first, wide net. Where nobody is outside, the block is not looked at.
SELECT array_agg(DISTINCT id) FROM (
    SELECT c.id FROM customer c
    WHERE c.id >= :low AND c.id < :high AND EXISTS (SELECT 1 FROM customer WHERE id < :low OR id >= :high)
        AND c.id_card_hash IN (
            SELECT id_card_hash FROM customer WHERE (id < :low OR id >= :high) AND id_card_hash IS NOT NULL)
    UNION ALL
    SELECT c.id FROM customer c
    WHERE c.id >= :low AND c.id < :high AND EXISTS (SELECT 1 FROM customer WHERE id < :low OR id >= :high)
        AND c.phone_hash IN (
            SELECT phone_hash FROM customer WHERE (id < :low OR id >= :high) AND phone_hash IS NOT NULL)
    UNION ALL
    SELECT c.id FROM customer c JOIN placement p ON p.customer_id = c.id
    WHERE c.id >= :low AND c.id < :high AND p.customer_id >= :low AND p.customer_id < :high
        AND EXISTS (SELECT 1 FROM customer WHERE id < :low OR id >= :high)
        AND c.address IS NOT NULL AND p.unit_code IS NOT NULL AND (p.unit_code, c.name) IN (
            SELECT s.unit_code, o.name FROM customer o JOIN placement s ON s.customer_id = o.id
            WHERE (o.id < :low OR o.id >= :high) AND o.address IS NOT NULL AND s.unit_code IS NOT NULL)
) AS s
