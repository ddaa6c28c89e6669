-- Who lives in which official place, of those customers whom the viewer sees himself?
SELECT p.unit_code AS code, (SELECT min(u.name) FROM unit u WHERE u.code = p.unit_code) AS name, NULL AS grids,
    count(*) AS customers, count(*) FILTER (WHERE a.standing = 'existing') AS existing,
    count(*) FILTER (WHERE a.standing = 'prospect') AS prospects, NULL AS located_existing,
    count(*) FILTER (WHERE a.tier = 'strategic') AS strategic, count(*) FILTER (WHERE a.tier = 'key') AS key,
    count(*) FILTER (WHERE a.standing = 'existing' AND c.filed) AS filed,
    count(*) FILTER (WHERE a.standing = 'existing' AND c.last_visit_on >= date_trunc('month', current_date)) AS visited,
    NULL AS covered_households,
    ARRAY[count(*) FILTER (WHERE p.rung = 1), count(*) FILTER (WHERE p.rung = 2), count(*) FILTER (WHERE p.rung = 3),
        count(*) FILTER (WHERE p.rung = 4), count(*) FILTER (WHERE p.rung = 5), count(*) FILTER (WHERE p.rung = 6),
        count(*) FILTER (WHERE p.rung = 0)] AS rungs, count(a.grid_key) AS assigned
FROM assignment_row a JOIN customer c ON c.id = a.customer_id JOIN placement p ON p.customer_id = a.customer_id
WHERE p.unit_code IS NOT NULL GROUP BY p.unit_code ORDER BY 1
