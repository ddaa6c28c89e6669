-- Which columns had the last file that came in from this source?
SELECT report -> 'columns' FROM import_run
WHERE kind = 'customers' AND status = 'imported' AND options ->> 'source' = :source AND report ? 'columns'
ORDER BY id DESC LIMIT 1
