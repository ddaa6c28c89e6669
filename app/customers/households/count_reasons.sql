-- For which reasons are customers in sight members of households, and how many for each?
WITH own AS MATERIALIZED (
    SELECT m.reasons FROM household_member m WHERE NOT CAST(:scoped AS boolean)
    UNION ALL
    SELECT m.reasons FROM assignment a CROSS JOIN LATERAL (
        SELECT o.reasons FROM household_member o WHERE o.customer_id = a.customer_id OFFSET 0) m
    WHERE CAST(:scoped AS boolean)
)
SELECT reason, count(*) AS members FROM own, unnest(reasons) AS reason GROUP BY reason ORDER BY 2 DESC, 1
