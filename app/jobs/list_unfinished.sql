-- Which jobs wait or run?
SELECT id FROM job WHERE status IN ('waiting', 'running') ORDER BY id
