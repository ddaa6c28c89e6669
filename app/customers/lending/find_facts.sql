-- All that one question about a customer or a point needs: the branch, the plan in force on the day, a mark of the
-- branch's grids, the customer with his placement, and whether the asker may ask and sees the customer. One row.
WITH RECURSIVE me AS (
    SELECT u.role, u.staff_id, u.branch_id, coalesce(u.branch_id, s.branch_id) AS house
    FROM app_user u LEFT JOIN staff s ON s.id = u.staff_id
    WHERE u.id = CAST(:user_id AS bigint) AND u.active
), below AS (
    SELECT id FROM branch WHERE code = :branch
    UNION
    SELECT b.id FROM branch b JOIN below ON b.parent_id = below.id
), above AS (
    SELECT id, parent_id FROM branch WHERE code = :branch
    UNION
    SELECT b.id, b.parent_id FROM branch b JOIN above ON b.id = above.parent_id
), standing AS (
    SELECT p.id, p.code, p.name, p.ground_version, p.certificate_no, p.synthetic, lower(p.valid) AS begins
    FROM plan p
    WHERE p.status IN ('in_force', 'retired') AND p.valid @> CAST(:on AS date)
    ORDER BY lower(p.valid) DESC LIMIT 1
), asked AS (
    SELECT id, source_code, source_key, gone_at FROM customer WHERE id = CAST(:customer_id AS bigint)
    UNION ALL
    SELECT id, source_code, source_key, gone_at FROM customer WHERE source_code = :source AND source_key = :key
), his AS (
    SELECT g.id, g.branch_id
    FROM asked JOIN assignment_row a ON a.customer_id = asked.id
    JOIN standing_grid g ON g.key_id = a.grid_key
    WHERE NOT CAST(:all AS boolean)
), held AS (
    SELECT branch_id AS id FROM his WHERE branch_id IS NOT NULL
    UNION
    SELECT b.parent_id FROM branch b JOIN held ON b.id = held.id WHERE b.parent_id IS NOT NULL
)
SELECT b.id AS branch_id, b.code AS branch_code, b.name AS branch_name, s.code AS superior_code, s.name AS superior_name,
       CAST(:all AS boolean) OR EXISTS (SELECT 1 FROM me JOIN above ON above.id = me.house) AS may,
       p.id AS plan_id, p.code AS plan_code, p.name AS plan_name, p.ground_version, p.certificate_no, p.synthetic, p.begins,
       (SELECT count(*) || '-' || coalesce(bit_xor(hashint8extended(g.id, 0)), 0) FROM grid g
        WHERE g.branch_id = ANY (ARRAY(SELECT id FROM below)) AND g.plan_id = p.id AND g.level = 3) AS own_mark,
       c.id, c.source_code, c.source_key, c.gone_at, l.rung, l.method, l.score, ST_X(l.geom) AS lon, ST_Y(l.geom) AS lat,
       l.unit_code, l.accuracy_m,
       CASE WHEN l.geom IS NULL AND l.unit_code IS NOT NULL THEN (SELECT md5(ST_AsBinary(u.geom)) FROM unit u
           WHERE u.code = l.unit_code AND u.kind NOT IN ('frame', 'county', 'town')
           ORDER BY u.valid @> CAST(:on AS date) DESC, u.year DESC NULLS LAST, u.id DESC LIMIT 1) END AS unit_mark,
       CAST(:all AS boolean)
           OR EXISTS (SELECT 1 FROM me JOIN held ON held.id = me.branch_id WHERE me.role IN ('branch_head', 'system'))
           OR EXISTS (SELECT 1 FROM me JOIN duty d ON d.staff_id = me.staff_id JOIN his ON his.id = d.grid_id
               WHERE me.role = 'manager' AND d.role IN ('primary', 'backup') AND upper_inf(d.recorded)
                   AND d.valid @> current_date) AS seen
FROM (SELECT 1) one
LEFT JOIN branch b ON b.code = :branch
LEFT JOIN branch s ON s.id = b.parent_id
LEFT JOIN standing p ON true
LEFT JOIN asked c ON true
LEFT JOIN placement l ON l.customer_id = c.id
