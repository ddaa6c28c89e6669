-- How many households are sure, likely and possible? Confirmed ones are sure.
SELECT CASE WHEN confidence >= :sure OR state = 'confirmed' THEN 'sure' WHEN confidence >= :likely THEN 'likely'
    ELSE 'possible' END AS band, count(*) AS households
FROM household GROUP BY 1
