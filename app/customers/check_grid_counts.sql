-- In which grids do the counts kept differ from a count of the customers themselves?
WITH recount AS (
    SELECT a.grid_key, count(*) FILTER (WHERE c.standing = 'existing') AS existing,
        count(*) FILTER (WHERE c.standing = 'prospect') AS prospects,
        ARRAY[count(*) FILTER (WHERE p.rung = 1), count(*) FILTER (WHERE p.rung = 2), count(*) FILTER (WHERE p.rung = 3),
            count(*) FILTER (WHERE p.rung = 4), count(*) FILTER (WHERE p.rung = 5), count(*) FILTER (WHERE p.rung = 6),
            count(*) FILTER (WHERE p.rung = 0)] AS rungs,
        count(*) FILTER (WHERE c.standing = 'existing' AND p.geom IS NOT NULL) AS located_existing,
        count(*) FILTER (WHERE c.tier = 'strategic') AS strategic, count(*) FILTER (WHERE c.tier = 'key') AS key,
        count(*) FILTER (WHERE c.standing = 'existing' AND c.filed) AS filed,
        count(*) FILTER (WHERE c.standing = 'existing' AND c.last_visit_on >= date_trunc('month', current_date)) AS visited,
        count(DISTINCT c.household_no) FILTER (WHERE c.standing = 'existing') AS covered_households
    FROM customer c JOIN placement p ON p.customer_id = c.id JOIN assignment_row a ON a.customer_id = c.id
    WHERE c.gone_at IS NULL AND a.grid_key IS NOT NULL
    GROUP BY a.grid_key
), kept AS (
    SELECT grid_key, existing, prospects, rungs, located_existing, strategic, key, filed,
        CASE WHEN visited_month = date_trunc('month', current_date) THEN visited ELSE 0 END AS visited,
        covered_households
    FROM grid_count_row
)
SELECT (SELECT k.code FROM grid_key k WHERE k.id = grid_key) AS code,
    to_jsonb(n) - 'grid_key' AS kept, to_jsonb(r) - 'grid_key' AS counted
FROM recount r FULL JOIN kept n USING (grid_key)
WHERE to_jsonb(n) IS DISTINCT FROM to_jsonb(r) ORDER BY 1
