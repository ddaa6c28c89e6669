-- With whom do these customers share what more than `crowd` customers share: a card, telephone and name, name and house?
WITH mine AS MATERIALIZED (
    SELECT c.id, c.name, c.id_card_hash AS card, c.phone_hash AS phone, c.address, p.unit_code
    FROM unnest(CAST(:ids AS bigint[])) AS n (id) JOIN customer c ON c.id = n.id AND c.gone_at IS NULL
    LEFT JOIN placement p ON p.customer_id = c.id
), namesakes AS MATERIALIZED (
    SELECT c.id, c.name, c.address
    FROM (SELECT DISTINCT name FROM mine WHERE unit_code IS NOT NULL AND address IS NOT NULL) AS k
    JOIN customer c ON c.name = k.name AND c.gone_at IS NULL AND c.address IS NOT NULL
), crowds AS (
    SELECT array_agg(c.id) AS ids FROM (SELECT DISTINCT card FROM mine WHERE card IS NOT NULL) AS k
    JOIN customer c ON c.id_card_hash = k.card AND c.gone_at IS NULL GROUP BY k.card
    UNION ALL
    SELECT g.ids FROM (
        SELECT c.phone_hash AS phone, c.name, array_agg(c.id) AS ids
        FROM (SELECT DISTINCT phone FROM mine WHERE phone IS NOT NULL) AS k
        JOIN customer c ON c.phone_hash = k.phone AND c.gone_at IS NULL
        GROUP BY c.phone_hash, c.name HAVING count(*) > :crowd
    ) AS g WHERE (g.phone, g.name) IN (SELECT phone, name FROM mine)
    UNION ALL
    SELECT array_agg(n.id) FROM (
        SELECT s.*, p.unit_code, count(*) OVER (PARTITION BY s.name, p.unit_code) AS n
        FROM namesakes s JOIN placement p ON p.customer_id = s.id
        WHERE (p.unit_code, s.name) IN (SELECT unit_code, name FROM mine WHERE unit_code IS NOT NULL AND address IS NOT NULL)
    ) AS n WHERE n.n > :crowd AND getu_house(n.address) <> '' GROUP BY n.unit_code, n.name, getu_house(n.address)
)
SELECT array_agg(DISTINCT one) FROM crowds, unnest(crowds.ids) AS one WHERE cardinality(crowds.ids) > :crowd
