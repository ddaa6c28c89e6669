-- Which prospects of a grid are worth a visit, and why: kin of a customer, in the register, next door to one?
WITH grid_people AS (
    SELECT a.customer_id, a.standing, a.tier, a.geom, a.rung, c.household_no, m.household_id
    FROM assignment a
    JOIN customer c ON c.id = a.customer_id
    LEFT JOIN household_member m ON m.customer_id = a.customer_id
    WHERE a.grid_id = :grid_id
), known AS (
    SELECT household_no, bool_or(tier <> 'regular') AS key FROM grid_people
    WHERE standing = 'existing' AND household_no IS NOT NULL GROUP BY household_no
), linked AS (
    SELECT household_id, bool_or(tier <> 'regular') AS key FROM grid_people
    WHERE standing = 'existing' AND household_id IS NOT NULL GROUP BY household_id
), told AS (
    SELECT p.customer_id, p.household_no IS NOT NULL AS in_roster,
        k.household_no IS NOT NULL OR l.household_id IS NOT NULL AS kin,
        coalesce(k.key, false) OR coalesce(l.key, false) AS key_kin,
        (SELECT min(ST_Distance(CAST(o.geom AS geography), CAST(p.geom AS geography)))
         FROM grid_people o
         WHERE o.standing = 'existing' AND o.rung BETWEEN 1 AND 3 AND p.rung BETWEEN 1 AND 3
            AND o.geom && ST_Expand(p.geom, CAST(:near_m AS float8) / 90000)) AS next_door_m
    FROM grid_people p
    LEFT JOIN known k ON k.household_no = p.household_no
    LEFT JOIN linked l ON l.household_id = p.household_id
    WHERE p.standing = 'prospect'
), weighed AS (
    SELECT t.*, 3 * CAST(t.key_kin AS int) + 2 * CAST(t.kin AS int) + CAST(t.in_roster AS int)
        + CAST(coalesce(t.next_door_m <= :near_m, false) AS int) AS weight
    FROM told t
)
SELECT c.id, c.name, c.kind, c.address, a.rung, w.in_roster, w.kin, w.key_kin, w.next_door_m, w.weight,
    g.id AS grid_id, g.name AS grid_name, coalesce(u.town_name, g.town_name) AS town_name,
    coalesce(u.name, g.name) AS village_name, count(*) OVER () AS total
FROM weighed w
JOIN customer c ON c.id = w.customer_id
JOIN assignment a ON a.customer_id = w.customer_id
JOIN grid g ON g.id = a.grid_id
JOIN placement p ON p.customer_id = w.customer_id
LEFT JOIN LATERAL (SELECT name, town_name FROM unit WHERE code = p.unit_code AND valid @> current_date LIMIT 1) u ON true
ORDER BY w.weight DESC, w.next_door_m NULLS LAST, c.id
LIMIT :limit
