-- With whom do these customers share what more than `crowd` customers share: a card, telephone and name, name and house?
WITH standing AS (
    SELECT c.id, c.name, c.id_card_hash AS card, c.phone_hash AS phone, c.address, p.unit_code
    FROM customer c LEFT JOIN placement p ON p.customer_id = c.id WHERE c.gone_at IS NULL
), mine AS MATERIALIZED (
    SELECT * FROM standing WHERE id = ANY (CAST(:ids AS bigint[]))
    UNION ALL SELECT * FROM standing WHERE id >= :low AND id < :high
), crowds AS (
    SELECT array_agg(c.id) AS ids FROM (SELECT DISTINCT card FROM mine WHERE card IS NOT NULL) AS k
    JOIN customer c ON c.id_card_hash = k.card AND c.gone_at IS NULL GROUP BY k.card
    UNION ALL
    SELECT array_agg(c.id) FROM (SELECT DISTINCT phone, name FROM mine WHERE phone IS NOT NULL) AS k
    JOIN customer c ON c.phone_hash = k.phone AND c.name = k.name AND c.gone_at IS NULL GROUP BY k.phone, k.name
    UNION ALL
    SELECT array_agg(s.id)
    FROM (SELECT DISTINCT unit_code, name FROM mine WHERE unit_code IS NOT NULL AND address IS NOT NULL) AS k
    JOIN standing s USING (unit_code, name) WHERE getu_house(s.address) <> ''
    GROUP BY unit_code, name, getu_house(s.address)
)
SELECT array_agg(DISTINCT one) FROM crowds, unnest(crowds.ids) AS one WHERE cardinality(crowds.ids) > :crowd
