-- Is this very file the last one that came in from this source? (An older one may have been overtaken since.)
SELECT id, report, options FROM (
    SELECT id, report, options, sha256 FROM import_run
    WHERE kind = :kind AND status = 'imported' AND options ->> 'source' = :source
    ORDER BY id DESC LIMIT 1
) AS newest WHERE sha256 = :sha256
