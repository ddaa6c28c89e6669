-- Was this very file already imported from this source?
SELECT id, report FROM import_run
WHERE kind = :kind AND sha256 = :sha256 AND status = 'imported' AND options ->> 'source' = :source
ORDER BY id DESC LIMIT 1
