-- How many customers of each village, town or branch in sight stand in a grid, beside the people its register counts?
WITH towns AS (
    -- The town that the unit names: the first nine figures of a village's code may be another one's.
    SELECT DISTINCT ON (code) code, coalesce(town_code, left(code, 9)) AS town_code
    FROM unit WHERE valid @> current_date ORDER BY code, town_code
), known AS (
    SELECT CASE CAST(:level AS text)
            WHEN 'branch' THEN b.code
            WHEN 'town' THEN coalesce(t.town_code, left(p.unit_code, 9), left(g.unit_codes[1], 9), left(p.place_code, 9))
            ELSE coalesce(p.unit_code, g.unit_codes[1]) END AS code,
        a.grid_id, a.standing, c.kind
    FROM assignment a
    JOIN customer c ON c.id = a.customer_id
    JOIN placement p ON p.customer_id = a.customer_id
    LEFT JOIN grid g ON g.id = a.grid_id
    LEFT JOIN branch b ON b.id = g.branch_id
    LEFT JOIN towns t ON t.code = coalesce(p.unit_code, g.unit_codes[1])
), people AS (
    SELECT code, count(*) AS customers, count(grid_id) AS enrolled,
        count(*) FILTER (WHERE standing = 'existing') AS existing,
        count(grid_id) FILTER (WHERE standing = 'existing') AS existing_enrolled,
        count(grid_id) FILTER (WHERE kind = 'person') AS residents_enrolled
    FROM known GROUP BY code
), ground AS (
    SELECT CASE CAST(:level AS text) WHEN 'branch' THEN b.code WHEN 'town' THEN coalesce(u.town_code, left(u.code, 9))
            ELSE u.code END AS code,
        CASE CAST(:level AS text) WHEN 'branch' THEN b.name WHEN 'town' THEN u.town_name ELSE u.name END AS name,
        u.households, u.residents
    FROM grid g
    JOIN plan l ON l.id = g.plan_id AND l.status = 'in_force' AND l.valid @> current_date
    JOIN unit u ON u.code = g.unit_codes[1] AND u.valid @> current_date AND u.kind IN ('village', 'community', 'street')
    LEFT JOIN branch b ON b.id = g.branch_id
    WHERE g.level = 3
), places AS (
    SELECT code, min(name) AS name, sum(households) AS households, sum(residents) AS residents FROM ground GROUP BY code
)
SELECT coalesce(n.code, o.code) AS code, coalesce(n.name, u.name) AS name, n.households, n.residents,
    coalesce(o.customers, 0) AS customers, coalesce(o.enrolled, 0) AS enrolled, coalesce(o.existing, 0) AS existing,
    coalesce(o.existing_enrolled, 0) AS existing_enrolled, coalesce(o.residents_enrolled, 0) AS residents_enrolled
FROM places n
FULL JOIN people o ON o.code = n.code
LEFT JOIN LATERAL (SELECT name FROM unit WHERE code = o.code AND valid @> current_date LIMIT 1) u ON true
ORDER BY 1 NULLS LAST
