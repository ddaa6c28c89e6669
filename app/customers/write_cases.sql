-- These cases stand from now on as given.
INSERT INTO placement_case
SELECT * FROM jsonb_populate_recordset(CAST(NULL AS placement_case), CAST(:rows AS jsonb))
ON CONFLICT (customer_id) DO UPDATE SET kind = excluded.kind, state = excluded.state, score = excluded.score,
    prefix = excluded.prefix, town_code = excluded.town_code, answer = excluded.answer, detail = excluded.detail,
    opened_at = excluded.opened_at
