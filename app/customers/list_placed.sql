-- Which customers in sight stand between two steps of the ladder, a page at a time in order of id?
SELECT cu.id AS customer_id, cu.name, cu.kind AS customer_kind, cu.standing, s.name AS source, cu.address, p.rung,
    p.score, p.method, c.kind, c.state, u.name AS village, u.town_name AS town
FROM placement p
JOIN customer cu ON cu.id = p.customer_id
LEFT JOIN source_system s ON s.code = cu.source_code
LEFT JOIN placement_case c ON c.customer_id = p.customer_id
LEFT JOIN LATERAL (
    SELECT n.name, n.town_name FROM unit n WHERE n.code = p.unit_code AND n.valid @> current_date LIMIT 1
) u ON true
WHERE cu.gone_at IS NULL AND p.customer_id > :after AND p.rung = ANY(CAST(:rungs AS int[]))
    AND (CAST(:located AS bool) IS NULL OR (p.geom IS NOT NULL) = :located)
    AND (CAST(:readable AS bool) IS NULL
        OR (p.geom IS NULL AND p.method = ANY(CAST(:unreadable AS text[]))) <> :readable)
    AND (CAST(:branch AS text) IS NULL OR EXISTS (
        SELECT FROM assignment a JOIN grid g ON g.id = a.grid_id JOIN branch b ON b.id = g.branch_id
        WHERE a.customer_id = p.customer_id AND b.code = :branch))
ORDER BY p.customer_id
LIMIT :limit
