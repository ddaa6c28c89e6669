-- What do the customers of a range of ids add to the counts? In the words of `tally_customers`.
WITH facts AS (
    SELECT a.grid_key, p.unit_code, a.method, c.standing = 'existing' AS existing, p.geom IS NOT NULL AS located, c.tier,
        c.filed, coalesce(c.last_visit_on >= date_trunc('month', current_date), false) AS visited, p.rung
    FROM customer c JOIN placement p ON p.customer_id = c.id LEFT JOIN assignment_row a ON a.customer_id = c.id
    WHERE c.id >= :low AND c.id < :high AND p.customer_id >= :low AND p.customer_id < :high AND c.gone_at IS NULL
)
SELECT grid_key, unit_code, method, GROUPING(grid_key, unit_code, method) AS of_what, ARRAY[
    count(*) FILTER (WHERE existing), count(*) FILTER (WHERE NOT existing), count(*) FILTER (WHERE existing AND located),
    count(*) FILTER (WHERE tier = 'strategic'), count(*) FILTER (WHERE tier = 'key'),
    count(*) FILTER (WHERE existing AND filed), count(*) FILTER (WHERE existing AND visited),
    count(*) FILTER (WHERE grid_key IS NOT NULL),
    count(*) FILTER (WHERE rung = 1), count(*) FILTER (WHERE rung = 2), count(*) FILTER (WHERE rung = 3),
    count(*) FILTER (WHERE rung = 4), count(*) FILTER (WHERE rung = 5), count(*) FILTER (WHERE rung = 6),
    count(*) FILTER (WHERE rung = 0)] AS adds
FROM facts GROUP BY GROUPING SETS ((grid_key), (unit_code), (method))
