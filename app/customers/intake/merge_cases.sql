-- The waiting rows' doubts become cases, but where a person or a map service has placed the customer already; who comes in
-- without a doubt has no case any more, unless it was decided by hand or is about a pin.
WITH came AS MATERIALIZED (
    SELECT c.id, r.doubt
    FROM intake_row r
    JOIN customer c ON c.source_code = :source AND c.source_key = r.source_key
    LEFT JOIN placement_case k ON k.customer_id = c.id
    WHERE r.import_id = :import_id AND (r.doubt IS NOT NULL OR k.customer_id IS NOT NULL)
), dropped AS (
    DELETE FROM placement_case k USING came
    WHERE k.customer_id = came.id AND came.doubt IS NULL AND k.state <> 'decided' AND NOT k.detail ? 'pinned'
)
INSERT INTO placement_case AS k (customer_id, kind, score, prefix, town_code, answer, detail)
SELECT came.id, doubt ->> 'kind', CAST(doubt ->> 'score' AS float8), doubt ->> 'prefix', doubt ->> 'town_code',
    doubt -> 'answer', doubt -> 'detail'
FROM came JOIN placement p ON p.customer_id = came.id
WHERE doubt IS NOT NULL AND p.method NOT IN ('pin', 'choose', 'outside') AND p.method NOT LIKE 'provider:%'
ON CONFLICT (customer_id) DO UPDATE SET kind = excluded.kind, score = excluded.score, prefix = excluded.prefix,
    town_code = excluded.town_code, answer = excluded.answer, detail = excluded.detail
WHERE k.state <> 'decided' AND (k.kind, k.score, k.prefix, k.town_code, k.answer, k.detail)
    IS DISTINCT FROM (excluded.kind, excluded.score, excluded.prefix, excluded.town_code, excluded.answer, excluded.detail)
