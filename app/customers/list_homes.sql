-- Which households do these customers cover, in which grids?
SELECT DISTINCT a.grid_key, c.household_no
FROM customer c JOIN assignment_row a ON a.customer_id = c.id
WHERE c.id = ANY(CAST(:ids AS bigint[])) AND c.gone_at IS NULL AND c.standing = 'existing'
    AND c.household_no IS NOT NULL AND a.grid_key IS NOT NULL
