-- How many customers stand in no grid, as the current run counted them?
SELECT unassigned FROM assignment_run WHERE current
