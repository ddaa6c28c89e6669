-- Which of these households does nobody but these customers cover in that grid?
SELECT h.grid_key, h.household_no
FROM unnest(CAST(:grids AS bigint[]), CAST(:homes AS text[])) AS h (grid_key, household_no)
WHERE NOT EXISTS (
    SELECT 1 FROM customer c JOIN assignment_row a ON a.customer_id = c.id
    WHERE c.household_no = h.household_no AND a.grid_key = h.grid_key AND c.standing = 'existing'
        AND c.gone_at IS NULL AND c.id <> ALL (CAST(:ids AS bigint[])))
