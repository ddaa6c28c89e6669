-- The job is over, with a result or an error.
UPDATE job SET status = :status, result = CAST(:result AS jsonb), error = CAST(:error AS jsonb),
    finished_at = clock_timestamp()
WHERE id = :job_id
