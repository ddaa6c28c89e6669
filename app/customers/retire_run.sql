-- The run before is no longer the current one.
UPDATE assignment_run SET current = false WHERE current
