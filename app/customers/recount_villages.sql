-- Who lives in every village? Counted from the customers themselves.
INSERT INTO village_count (unit_code, existing, prospects, rungs, strategic, key, filed, visited, assigned, visited_month)
SELECT r.*, date_trunc('month', current_date) FROM (
    SELECT p.unit_code, count(*) FILTER (WHERE c.standing = 'existing') AS existing,
        count(*) FILTER (WHERE c.standing = 'prospect') AS prospects,
        ARRAY[count(*) FILTER (WHERE p.rung = 1), count(*) FILTER (WHERE p.rung = 2), count(*) FILTER (WHERE p.rung = 3),
            count(*) FILTER (WHERE p.rung = 4), count(*) FILTER (WHERE p.rung = 5), count(*) FILTER (WHERE p.rung = 6),
            count(*) FILTER (WHERE p.rung = 0)] AS rungs,
        count(*) FILTER (WHERE c.tier = 'strategic') AS strategic, count(*) FILTER (WHERE c.tier = 'key') AS key,
        count(*) FILTER (WHERE c.standing = 'existing' AND c.filed) AS filed,
        count(*) FILTER (WHERE c.standing = 'existing' AND c.last_visit_on >= date_trunc('month', current_date)) AS visited,
        count(a.grid_key) AS assigned
    FROM customer c JOIN placement p ON p.customer_id = c.id LEFT JOIN assignment_row a ON a.customer_id = c.id
    WHERE c.gone_at IS NULL AND p.unit_code IS NOT NULL
    GROUP BY p.unit_code
) r
