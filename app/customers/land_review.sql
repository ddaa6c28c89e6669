-- Placements and cases become what a run judged, but for those changed or decided since: how many customers?
-- Each part hands its rows on whole: rows of a text are never joined with each other, which nobody could plan.
WITH free AS (
    SELECT r.* FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
        customer_id bigint, address_key bigint, seen bigint, rung smallint, method text, score float8, geom text,
        place_code text, unit_code text, accuracy_m float8, datum text, moved boolean, doubt jsonb)
    JOIN customer c ON c.id = r.customer_id
    LEFT JOIN placement_case k ON k.customer_id = r.customer_id
    WHERE hashtextextended(coalesce(c.address, ''), 0) = r.address_key AND coalesce(k.state, '') <> 'decided'
), moved AS (
    UPDATE placement p SET rung = r.rung, method = r.method, score = r.score,
        geom = ST_GeomFromEWKB(decode(r.geom, 'hex')), place_code = r.place_code, unit_code = r.unit_code,
        accuracy_m = r.accuracy_m, datum = r.datum
    FROM free r
    WHERE p.customer_id = r.customer_id AND r.moved AND CAST(CAST(p.xmin AS text) AS bigint) = r.seen
    RETURNING r.customer_id, r.doubt
), added AS (
    INSERT INTO placement (customer_id, rung, method, score, geom, place_code, unit_code, accuracy_m, datum)
    SELECT r.customer_id, r.rung, r.method, r.score, ST_GeomFromEWKB(decode(r.geom, 'hex')), r.place_code, r.unit_code,
        r.accuracy_m, r.datum
    FROM free r WHERE r.seen IS NULL AND NOT EXISTS (SELECT 1 FROM placement p WHERE p.customer_id = r.customer_id)
), landed AS (
    SELECT customer_id, doubt FROM moved UNION ALL
    SELECT r.customer_id, r.doubt FROM free r
    LEFT JOIN placement p ON p.customer_id = r.customer_id
    WHERE r.seen IS NULL AND p.customer_id IS NULL
        OR NOT r.moved AND CAST(CAST(p.xmin AS text) AS bigint) = r.seen
), closed AS (
    DELETE FROM placement_case k USING landed WHERE k.customer_id = landed.customer_id AND landed.doubt IS NULL
), opened AS (
    INSERT INTO placement_case AS k (customer_id, kind, score, prefix, town_code, answer, detail)
    SELECT customer_id, doubt ->> 'kind', CAST(doubt ->> 'score' AS float8), doubt ->> 'prefix',
        doubt ->> 'town_code', doubt -> 'answer', doubt -> 'detail'
    FROM landed WHERE doubt IS NOT NULL
    ON CONFLICT (customer_id) DO UPDATE SET
        state = CASE WHEN k.kind = excluded.kind THEN k.state ELSE 'open' END, kind = excluded.kind,
        score = excluded.score, prefix = excluded.prefix, town_code = excluded.town_code, answer = excluded.answer,
        detail = excluded.detail, opened_at = CASE WHEN k.kind = excluded.kind THEN k.opened_at ELSE now() END
)
SELECT count(*) FROM landed
