-- Of how many customers in sight is the place open: without a point of their own, or with an open question?
SELECT count(*) AS total, count(*) FILTER (WHERE k.customer_id IS NOT NULL) AS doubtful,
    count(*) FILTER (WHERE k.customer_id IS NULL AND (p.geom IS NULL OR p.rung NOT BETWEEN 1 AND 3)) AS unpointed
FROM assignment a
JOIN placement p ON p.customer_id = a.customer_id
LEFT JOIN placement_case k ON k.customer_id = a.customer_id AND k.state <> 'decided'
