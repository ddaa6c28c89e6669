-- Who stands in another grid since this run, from which to which? Names only of whom the viewer sees now.
SELECT m.customer_id AS id, c.name, c.kind, c.standing, c.tier, c.address, pl.rung, a.method, m.from_method, m.moved_at,
    m.anew, f.id AS from_id, f.code AS from_code, f.name AS from_name, t.id AS to_id, t.code AS to_code, t.name AS to_name,
    t.town_name, m.from_key IS NULL AS from_nowhere, m.to_key IS NULL AS to_nowhere
FROM assignment_move m
LEFT JOIN customer c ON c.id = m.customer_id
LEFT JOIN placement pl ON pl.customer_id = c.id
LEFT JOIN assignment_row a ON a.customer_id = c.id
LEFT JOIN grid f ON f.id = m.from_grid_id
LEFT JOIN grid t ON t.id = m.to_grid_id
WHERE m.run_id = :run_id AND m.from_key IS DISTINCT FROM m.to_key AND m.customer_id > :after
ORDER BY m.customer_id LIMIT :limit
