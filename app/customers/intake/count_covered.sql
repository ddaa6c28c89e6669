-- How many households do the customers of a block (ids from :low to below :high) cover that nobody else does, by grid?
SELECT h.grid_key, count(*) AS households
FROM (
    SELECT DISTINCT a.grid_key, c.household_no
    FROM customer c JOIN assignment_row a ON a.customer_id = c.id
    WHERE c.id >= :low AND c.id < :high AND a.customer_id >= :low AND a.customer_id < :high
        AND c.standing = 'existing' AND c.household_no IS NOT NULL AND a.grid_key IS NOT NULL
) AS h
WHERE NOT EXISTS (
    SELECT 1 FROM customer o JOIN assignment_row s ON s.customer_id = o.id
    WHERE o.household_no = h.household_no AND s.grid_key = h.grid_key AND o.standing = 'existing'
        AND o.gone_at IS NULL AND (o.id < :low OR o.id >= :high))
GROUP BY h.grid_key
