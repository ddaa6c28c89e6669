-- Which uploads must stay: of imports that are loaded, taken back or under way, and of jobs that wait or run?
SELECT file_path AS path FROM import_run WHERE file_path IS NOT NULL AND status IN ('imported', 'undone', 'running')
UNION
SELECT args ->> 'path' FROM job WHERE status IN ('waiting', 'running') AND args ->> 'path' IS NOT NULL
