-- Households and persons of the register (customers with a household number) by village in sight: how many are placed?
SELECT r.code, u.name, u.town_name, u.households AS village_households, u.residents AS village_residents,
    r.households, r.persons, r.in_grid, r.pointed, r.hamlet_known
FROM (
    SELECT coalesce(p.unit_code, g.unit_codes[1]) AS code, count(DISTINCT c.household_no) AS households,
        count(*) AS persons, count(a.grid_id) AS in_grid, count(*) FILTER (WHERE p.rung BETWEEN 1 AND 3) AS pointed,
        count(h.code) AS hamlet_known
    FROM assignment a
    JOIN customer c ON c.id = a.customer_id AND c.household_no IS NOT NULL
    JOIN placement p ON p.customer_id = a.customer_id
    LEFT JOIN place h ON h.code = p.place_code AND h.level = 'natural_village'
    LEFT JOIN grid g ON g.id = a.grid_id
    GROUP BY 1
) r
LEFT JOIN LATERAL (SELECT name, town_name, households, residents FROM unit
    WHERE code = r.code AND valid @> current_date LIMIT 1) u ON true
ORDER BY r.code NULLS LAST
