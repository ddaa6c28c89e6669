-- Was this very file imported before with the same options, does it still stand, and what was reported then?
SELECT r.id, r.report
FROM import_run r
WHERE r.kind = 'boundaries' AND r.status = 'imported' AND r.sha256 = :sha256 AND r.options = CAST(:options AS jsonb)
  AND NOT EXISTS (SELECT 1 FROM unit u WHERE u.import_id = r.id AND NOT upper_inf(u.valid))
ORDER BY r.id DESC
LIMIT 1
