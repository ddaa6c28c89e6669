-- Which moment is it by the database's own clock, the waiting for locks behind us?
SELECT clock_timestamp()
