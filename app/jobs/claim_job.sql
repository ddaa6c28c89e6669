-- The next attempt at a job begins; every earlier attempt is fenced off from now on.
UPDATE job SET status = 'running', attempt = attempt + 1, started_at = coalesce(started_at, clock_timestamp())
WHERE id = :job_id AND status IN ('waiting', 'running') RETURNING id
