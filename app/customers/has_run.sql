-- Is there a current assignment run?
SELECT 1 AS there FROM assignment_run WHERE current
