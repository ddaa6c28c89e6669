-- Which prospects of a grid are worth a visit, and why: kin of a customer, in the register, next door to one?
WITH grid_people AS MATERIALIZED (
    SELECT a.customer_id, a.grid_key, a.standing, a.geom, a.rung, c.household_no,
        coalesce(bool_or(a.standing = 'existing') OVER (PARTITION BY c.household_no), false)
            AND c.household_no IS NOT NULL AS kin,
        coalesce(bool_or(a.tier <> 'regular') FILTER (WHERE a.standing = 'existing')
            OVER (PARTITION BY c.household_no), false) AND c.household_no IS NOT NULL AS key_kin,
        coalesce(bool_or(a.standing = 'existing') OVER (PARTITION BY m.household_id), false)
            AND m.household_id IS NOT NULL AS linked,
        coalesce(bool_or(a.tier <> 'regular') FILTER (WHERE a.standing = 'existing')
            OVER (PARTITION BY m.household_id), false) AND m.household_id IS NOT NULL AS key_linked
    FROM assignment a
    JOIN customer c ON c.id = a.customer_id
    LEFT JOIN household_member m ON m.customer_id = a.customer_id
    WHERE a.grid_id = :grid_id
), told AS MATERIALIZED (
    SELECT p.customer_id, p.household_no IS NOT NULL AS in_roster, p.kin OR p.linked AS kin,
        p.key_kin OR p.key_linked AS key_kin,
        (SELECT min(ST_Distance(CAST(o.geom AS geography), CAST(p.geom AS geography)))
         FROM assignment o
         WHERE o.grid_key = p.grid_key AND o.standing = 'existing' AND o.rung BETWEEN 1 AND 3 AND p.rung BETWEEN 1 AND 3
            AND o.geom && ST_Expand(p.geom, CAST(:near_m AS float8) / 90000)) AS next_door_m
    FROM grid_people p
    WHERE p.standing = 'prospect'
), weighed AS MATERIALIZED (
    SELECT t.*, 3 * CAST(t.key_kin AS int) + 2 * CAST(t.kin AS int) + CAST(t.in_roster AS int)
        + CAST(coalesce(t.next_door_m <= :near_m, false) AS int) AS weight, count(*) OVER () AS total
    FROM told t
    ORDER BY weight DESC, next_door_m NULLS LAST, customer_id
    LIMIT :limit
)
SELECT c.id, c.name, c.kind, c.address, a.rung, w.in_roster, w.kin, w.key_kin, w.next_door_m, w.weight,
    g.id AS grid_id, g.name AS grid_name, coalesce(u.town_name, g.town_name) AS town_name,
    coalesce(u.name, g.name) AS village_name, w.total
FROM weighed w
JOIN customer c ON c.id = w.customer_id
JOIN assignment a ON a.customer_id = w.customer_id
JOIN grid g ON g.id = a.grid_id
JOIN placement p ON p.customer_id = w.customer_id
LEFT JOIN LATERAL (SELECT name, town_name FROM unit WHERE code = p.unit_code AND valid @> current_date LIMIT 1) u ON true
ORDER BY w.weight DESC, w.next_door_m NULLS LAST, c.id
