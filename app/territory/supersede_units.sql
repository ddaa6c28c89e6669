-- Ends the units that new ones of the same code, source and kind replace on a day; tells when they were valid.
WITH newer AS (
    SELECT DISTINCT code, code_source, kind
    FROM unnest(CAST(:codes AS text[]), CAST(:sources AS text[]), CAST(:kinds AS text[])) AS n (code, code_source, kind)
), standing AS (
    SELECT u.id, u.valid
    FROM unit u JOIN newer USING (code, code_source, kind)
    WHERE u.valid && daterange(CAST(:on AS date), NULL)
)
UPDATE unit u
SET valid = CASE WHEN lower(s.valid) < CAST(:on AS date) THEN daterange(lower(s.valid), CAST(:on AS date))
                 ELSE daterange('empty') END
FROM standing s
WHERE u.id = s.id
RETURNING u.id, CAST(s.valid AS text) AS was, u.code, u.code_source, u.kind, u.name, u.former_names
