-- What may a branch of a type hold?
SELECT branch_type, grid_kind, verdict FROM branch_type_rule ORDER BY branch_type, grid_kind
