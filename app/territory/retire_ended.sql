-- Plans whose last day is over are retired.
UPDATE plan SET status = 'retired' WHERE status = 'in_force' AND upper(valid) <= CAST(:on AS date)
