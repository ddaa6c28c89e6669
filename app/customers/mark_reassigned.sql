-- Customers of this run were assigned anew: what was drawn of it is no longer so.
UPDATE assignment_run SET reassigned = reassigned + 1 WHERE id = :run_id
