-- Which job is waiting or running for an import?
SELECT id FROM job
WHERE args ->> 'import_id' = CAST(CAST(:import_id AS bigint) AS text) AND status IN ('waiting', 'running')
ORDER BY id LIMIT 1
