-- For which reasons are customers members of households, and how many for each?
SELECT reason, count(*) AS members FROM household_member, unnest(reasons) AS reason GROUP BY reason ORDER BY 2 DESC, 1
