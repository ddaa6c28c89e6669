-- What was each grid in a closed month, with the branch and the manager of that time?
SELECT n.*, k.code AS grid_code, k.code AS grid_name, b.code AS branch_code, b.name AS branch_name,
    m.code AS manager_code, m.name AS manager_name
FROM indicator_month n
JOIN grid_key k ON k.id = n.grid_key
LEFT JOIN branch b ON b.id = n.branch_id
LEFT JOIN staff m ON m.id = n.staff_id
WHERE n.month = :month
    AND (CAST(:branch AS text) IS NULL OR b.code = :branch) AND (CAST(:manager AS text) IS NULL OR m.code = :manager)
    AND (CAST(:own AS bigint) IS NULL OR n.staff_id = :own)
