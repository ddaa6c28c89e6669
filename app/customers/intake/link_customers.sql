-- Who of these customers is whom, and how surely? Links that no longer hold go, those that hold stay as they were found.
-- Two identity cards that differ say that it is not one person, whatever else agrees; what more than `crowd` customers
-- share is a placeholder and says nothing: it is counted, never paired. Of several reasons for one pair the surest counts.
WITH mine AS MATERIALIZED (
    SELECT c.id, c.name, c.id_card_hash AS card, c.phone_hash AS phone, c.address, p.unit_code
    FROM unnest(CAST(:ids AS bigint[])) AS n (id) JOIN customer c ON c.id = n.id AND c.gone_at IS NULL
    LEFT JOIN placement p ON p.customer_id = c.id
), cards AS (
    SELECT array_agg(c.id) AS ids FROM (SELECT DISTINCT card FROM mine WHERE card IS NOT NULL) AS k
    JOIN customer c ON c.id_card_hash = k.card AND c.gone_at IS NULL
    GROUP BY k.card HAVING count(*) BETWEEN 2 AND :crowd
), phones AS (
    SELECT array_agg(c.id) AS ids, array_agg(c.id_card_hash) AS cards
    FROM (SELECT DISTINCT phone FROM mine WHERE phone IS NOT NULL) AS k
    JOIN customer c ON c.phone_hash = k.phone AND c.gone_at IS NULL
    GROUP BY k.phone, c.name HAVING count(*) BETWEEN 2 AND :crowd
), namesakes AS MATERIALIZED (
    SELECT c.id, c.name, c.id_card_hash AS card, c.address
    FROM (SELECT DISTINCT name FROM mine WHERE unit_code IS NOT NULL AND address IS NOT NULL) AS k
    JOIN customer c ON c.name = k.name AND c.gone_at IS NULL AND c.address IS NOT NULL
), neighbours AS MATERIALIZED (
    SELECT n.*, p.unit_code FROM namesakes n JOIN placement p ON p.customer_id = n.id
    WHERE (p.unit_code, n.name) IN (SELECT unit_code, name FROM mine WHERE unit_code IS NOT NULL AND address IS NOT NULL)
), named AS MATERIALIZED (
    SELECT n.*, getu_house(n.address) AS house
    FROM (SELECT unit_code, name FROM neighbours GROUP BY unit_code, name HAVING count(*) > 1) AS k
    JOIN neighbours n USING (unit_code, name)
), homes AS (
    SELECT array_agg(id) AS ids, array_agg(card) AS cards FROM named WHERE house <> ''
    GROUP BY unit_code, name, house HAVING count(*) BETWEEN 2 AND :crowd
), pairs AS (
    SELECT a.id, b.id AS other, 'id_card' AS how, 1.0 AS confidence
    FROM cards, unnest(ids) AS a (id), unnest(ids) AS b (id)
    UNION ALL
    SELECT a.id, b.id, 'phone_name', 0.9
    FROM phones, unnest(ids, cards) AS a (id, card), unnest(ids, cards) AS b (id, card)
    WHERE a.card = b.card OR a.card IS NULL OR b.card IS NULL
    UNION ALL
    SELECT a.id, b.id, 'name_place', 0.7
    FROM homes, unnest(ids, cards) AS a (id, card), unnest(ids, cards) AS b (id, card)
    WHERE a.card = b.card OR a.card IS NULL OR b.card IS NULL
), wanted AS MATERIALIZED (
    SELECT DISTINCT ON (1, 2) least(id, other) AS customer_id, greatest(id, other) AS other_id, how, confidence
    FROM pairs JOIN mine USING (id) WHERE id <> other ORDER BY 1, 2, confidence DESC
), gone AS (
    DELETE FROM customer_link l USING (
        SELECT k.customer_id, k.other_id FROM mine m JOIN customer_link k ON k.customer_id = m.id
        UNION SELECT k.customer_id, k.other_id FROM mine m JOIN customer_link k ON k.other_id = m.id
    ) AS old
    WHERE (l.customer_id, l.other_id) = (old.customer_id, old.other_id) AND NOT EXISTS (
        SELECT 1 FROM wanted w WHERE (w.customer_id, w.other_id) = (old.customer_id, old.other_id))
), kept AS (
    INSERT INTO customer_link AS l (customer_id, other_id, how, confidence)
    SELECT customer_id, other_id, how, confidence FROM wanted
    ON CONFLICT (customer_id, other_id) DO UPDATE
        SET how = excluded.how, confidence = excluded.confidence, found_at = excluded.found_at
        WHERE (l.how, l.confidence) IS DISTINCT FROM (excluded.how, excluded.confidence)
)
SELECT count(*) AS links FROM wanted
