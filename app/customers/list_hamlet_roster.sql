-- Households and persons of the register in each natural village of the viewer's ground, those with nobody included?
WITH mine AS (
    SELECT DISTINCT g.unit_codes[1] AS code
    FROM grid g JOIN plan l ON l.id = g.plan_id AND l.status = 'in_force' AND l.valid @> current_date
    WHERE g.level = 3
), living AS (
    SELECT p.place_code AS code, count(DISTINCT c.household_no) AS households, count(*) AS persons,
        count(a.grid_id) AS in_grid, count(*) FILTER (WHERE p.rung BETWEEN 1 AND 3) AS pointed
    FROM assignment a
    JOIN customer c ON c.id = a.customer_id AND c.household_no IS NOT NULL
    JOIN placement p ON p.customer_id = a.customer_id
    GROUP BY p.place_code
)
SELECT h.code, h.name, h.parent_code AS village_code, v.name AS village_name,
    coalesce(n.households, 0) AS households, coalesce(n.persons, 0) AS persons,
    coalesce(n.in_grid, 0) AS in_grid, coalesce(n.pointed, 0) AS pointed
FROM place h
JOIN mine m ON m.code = h.parent_code
LEFT JOIN place v ON v.code = h.parent_code AND v.level = 'village'
LEFT JOIN living n ON n.code = h.code
WHERE h.level = 'natural_village'
ORDER BY h.code
