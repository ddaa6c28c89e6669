-- A pin whose customer has a new address in another village stands, and somebody should look at it.
INSERT INTO placement_case (customer_id, kind, score, prefix, town_code, answer, detail)
SELECT c.id, 'contradiction', r.score, coalesce(r.doubt ->> 'prefix', ''), r.doubt ->> 'town_code',
    coalesce(r.doubt -> 'answer', jsonb_build_object('level', 'village', 'code', r.unit_code, 'name', u.name,
        'score', r.score, 'method', r.method, 'warnings', '[]'::jsonb, 'candidates', jsonb_build_array(jsonb_build_object(
            'level', 'village', 'code', r.unit_code, 'name', u.name, 'score', r.score, 'reason', r.method)))),
    jsonb_build_object('pinned', true, 'point_unit_code', p.unit_code, 'address_unit_code', r.unit_code)
FROM placement p
JOIN customer c ON c.id = p.customer_id AND c.source_code = :source
JOIN intake_row r ON r.import_id = :import_id AND r.source_key = c.source_key
LEFT JOIN LATERAL (SELECT name FROM unit WHERE code = r.unit_code ORDER BY id DESC LIMIT 1) AS u ON true
WHERE p.method = 'pin' AND c.address IS DISTINCT FROM r.address AND r.unit_code IS NOT NULL
    AND r.unit_code IS DISTINCT FROM p.unit_code
ON CONFLICT (customer_id) DO UPDATE SET kind = excluded.kind, state = 'open', score = excluded.score,
    prefix = excluded.prefix, town_code = excluded.town_code, answer = excluded.answer, detail = excluded.detail,
    opened_at = now()
