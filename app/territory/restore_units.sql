-- Lets units stand again without an end, from the day they had begun.
UPDATE unit u SET valid = daterange(r.begins, NULL)
FROM unnest(CAST(:unit_ids AS bigint[]), CAST(:begins AS date[])) AS r (id, begins)
WHERE u.id = r.id
