-- How do all customers stand, by method and standing? What a run's totals are counted from.
SELECT a.method, count(*) FILTER (WHERE c.standing = 'existing') AS existing,
    count(*) FILTER (WHERE c.standing <> 'existing') AS prospects,
    count(*) FILTER (WHERE c.standing = 'existing' AND p.geom IS NOT NULL) AS located_existing,
    ARRAY[count(*) FILTER (WHERE p.rung = 1), count(*) FILTER (WHERE p.rung = 2), count(*) FILTER (WHERE p.rung = 3),
        count(*) FILTER (WHERE p.rung = 4), count(*) FILTER (WHERE p.rung = 5), count(*) FILTER (WHERE p.rung = 6),
        count(*) FILTER (WHERE p.rung = 0)] AS rungs
FROM customer c JOIN placement p ON p.customer_id = c.id JOIN assignment_row a ON a.customer_id = c.id
WHERE c.gone_at IS NULL GROUP BY a.method
