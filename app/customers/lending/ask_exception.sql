-- Asks for an exception to an answer; none comes back where one waits or stands already.
INSERT INTO lending_exception (check_id, branch_id, reason, asked_by)
VALUES (:check_id, :branch_id, :reason, :asked_by)
ON CONFLICT (check_id) WHERE state IN ('asked', 'approved') DO NOTHING
RETURNING id
