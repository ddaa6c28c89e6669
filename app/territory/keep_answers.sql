-- Keeps the answer to offers: by whom, when, why.
UPDATE allotment SET state = :state, answered_by = CAST(:user_id AS bigint), answered_at = clock_timestamp(),
    answer_reason = CAST(:reason AS text)
WHERE id = ANY (CAST(:ids AS bigint[])) AND state = 'offered'
