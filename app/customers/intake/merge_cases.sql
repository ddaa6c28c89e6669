-- The waiting rows' doubts become cases, but where a person or a map service has placed the customer already.
INSERT INTO placement_case AS k (customer_id, kind, score, prefix, town_code, answer, detail)
SELECT c.id, r.doubt ->> 'kind', CAST(r.doubt ->> 'score' AS float8), r.doubt ->> 'prefix', r.doubt ->> 'town_code',
    r.doubt -> 'answer', r.doubt -> 'detail'
FROM intake_row r
JOIN customer c ON c.source_code = :source AND c.source_key = r.source_key
JOIN placement p ON p.customer_id = c.id
WHERE r.import_id = :import_id AND r.doubt IS NOT NULL
    AND p.method NOT IN ('pin', 'choose', 'outside') AND p.method NOT LIKE 'provider:%'
ON CONFLICT (customer_id) DO UPDATE SET kind = excluded.kind, score = excluded.score, prefix = excluded.prefix,
    town_code = excluded.town_code, answer = excluded.answer, detail = excluded.detail
WHERE k.state <> 'decided' AND (k.kind, k.score, k.prefix, k.town_code, k.answer, k.detail)
    IS DISTINCT FROM (excluded.kind, excluded.score, excluded.prefix, excluded.town_code, excluded.answer, excluded.detail)
