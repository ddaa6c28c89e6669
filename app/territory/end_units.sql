-- Ends some units on a day; tells when they were valid.
WITH standing AS (
    SELECT id, valid FROM unit WHERE id = ANY(:unit_ids) AND valid && daterange(CAST(:on AS date), NULL)
)
UPDATE unit u
SET valid = CASE WHEN lower(s.valid) < CAST(:on AS date) THEN daterange(lower(s.valid), CAST(:on AS date))
                 ELSE daterange('empty') END
FROM standing s
WHERE u.id = s.id
RETURNING u.id, CAST(s.valid AS text) AS was
