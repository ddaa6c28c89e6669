-- When was the current assignment run finished?
SELECT id, finished_at FROM assignment_run WHERE current
