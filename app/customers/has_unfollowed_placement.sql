-- Were customers placed anew by a pass over the bank that no whole run has followed?
SELECT 1 AS there FROM placement_run q WHERE CAST(q.counts ->> 'written' AS bigint) > 0
    AND q.finished_at > ALL (SELECT r.started_at FROM assignment_run r WHERE r.kind = 'whole')
