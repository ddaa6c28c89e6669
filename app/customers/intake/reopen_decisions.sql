-- Who has another address than before: what was decided by hand, or told by a map service, about the old one no longer
-- stands. A pin stands: it says where the customer is; where the new address is in another village it is doubted.
WITH held AS MATERIALIZED (
    SELECT customer_id FROM placement
    WHERE method IN ('pin', 'choose', 'outside') OR method LIKE 'provider:%'
    UNION SELECT customer_id FROM placement_case WHERE state <> 'open'
), moved AS MATERIALIZED (
    SELECT c.id, p.method = 'pin' AS pinned, p.unit_code AS point_unit_code, r.unit_code, r.score, r.method, r.doubt
    FROM held
    JOIN customer c ON c.id = held.customer_id AND c.source_code = :source
    JOIN placement p ON p.customer_id = c.id
    JOIN intake_row r ON r.import_id = :import_id AND r.source_key = c.source_key
    WHERE c.address IS DISTINCT FROM r.address
), reopened AS (
    UPDATE placement_case k SET state = 'open', opened_at = now() FROM moved
    WHERE k.customer_id = moved.id AND NOT moved.pinned
), doubted AS (
    INSERT INTO placement_case (customer_id, kind, score, prefix, town_code, answer, detail)
    SELECT m.id, 'contradiction', m.score, coalesce(m.doubt ->> 'prefix', ''), m.doubt ->> 'town_code',
        coalesce(m.doubt -> 'answer', jsonb_build_object('level', 'village', 'code', m.unit_code, 'name', u.name,
            'score', m.score, 'method', m.method, 'warnings', '[]'::jsonb, 'candidates', jsonb_build_array(
                jsonb_build_object('level', 'village', 'code', m.unit_code, 'name', u.name, 'score', m.score,
                    'reason', m.method)))),
        jsonb_build_object('pinned', true, 'point_unit_code', m.point_unit_code, 'address_unit_code', m.unit_code)
    FROM moved m LEFT JOIN LATERAL (SELECT name FROM unit WHERE code = m.unit_code ORDER BY id DESC LIMIT 1) AS u ON true
    WHERE m.pinned AND m.unit_code IS NOT NULL AND m.unit_code IS DISTINCT FROM m.point_unit_code
    ON CONFLICT (customer_id) DO UPDATE SET kind = excluded.kind, state = 'open', score = excluded.score,
        prefix = excluded.prefix, town_code = excluded.town_code, answer = excluded.answer, detail = excluded.detail,
        opened_at = now()
)
UPDATE placement p SET method = 'moved' FROM moved WHERE p.customer_id = moved.id AND NOT moved.pinned
    AND (p.method IN ('choose', 'outside') OR p.method LIKE 'provider:%')
