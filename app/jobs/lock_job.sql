-- Does this attempt still hold the job? The row stays locked until the chunk has landed.
SELECT attempt, status, cancel_asked FROM job WHERE id = :job_id FOR UPDATE
