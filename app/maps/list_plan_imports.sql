-- Which boundary files came in that a plan can be drawn from, newest first?
SELECT r.id, r.file_name AS name, r.finished_at::text AS at,
    (SELECT count(*) FROM unit u WHERE u.import_id = r.id AND u.kind <> 'frame') AS units
FROM import_run r WHERE r.kind = 'boundaries' AND r.status = 'imported'
    AND EXISTS (SELECT FROM unit u WHERE u.import_id = r.id AND u.kind <> 'frame')
ORDER BY r.id DESC LIMIT 30
