-- In which villages do the counts kept differ from a count of the customers themselves?
WITH recount AS (
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
), kept AS (
    SELECT unit_code, existing, prospects, rungs, strategic, key, filed,
        CASE WHEN visited_month = date_trunc('month', current_date) THEN visited ELSE 0 END AS visited,
        assigned
    FROM village_count
)
SELECT unit_code AS code, to_jsonb(n) - 'unit_code' AS kept, to_jsonb(r) - 'unit_code' AS counted
FROM recount r FULL JOIN kept n USING (unit_code)
WHERE to_jsonb(n) IS DISTINCT FROM to_jsonb(r) ORDER BY 1
