-- Which files of a source have come in: their names and hashes.
SELECT file_name, sha256 FROM import_run
WHERE kind = 'customers' AND status = 'imported' AND options ->> 'source' = :source
