-- Was this very file imported before with the same options, and what was reported then?
SELECT id, report
FROM import_run
WHERE kind = 'boundaries' AND status = 'imported' AND sha256 = :sha256 AND options = CAST(:options AS jsonb)
ORDER BY id DESC
LIMIT 1
