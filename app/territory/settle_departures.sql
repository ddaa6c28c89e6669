-- People whose applied departure has come are out of service; each departure does so once.
WITH gone AS (
    UPDATE staffing_change SET before = coalesce(before, '{}') || '{"gone": true}'
    WHERE kind = 'departure' AND state = 'applied' AND lower(valid) <= current_date AND before ->> 'gone' IS NULL
    RETURNING staff_id
)
UPDATE staff s SET active = false FROM gone WHERE s.id = gone.staff_id
