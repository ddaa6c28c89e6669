-- Is the same work already waiting or running?
SELECT id FROM job WHERE kind = :kind AND args = CAST(:args AS jsonb) AND status IN ('waiting', 'running')
ORDER BY id LIMIT 1
