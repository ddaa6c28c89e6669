-- The import is over, with its report.
UPDATE import_run SET status = :status, report = CAST(:report AS jsonb), finished_at = clock_timestamp()
WHERE id = :import_id
