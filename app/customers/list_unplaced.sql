-- Whom do the bank's own names leave at the town or nowhere: not of elsewhere, not decided by hand? A page by id.
SELECT p.customer_id, c.name, c.address, p.rung
FROM placement p
JOIN customer c ON c.id = p.customer_id
LEFT JOIN placement_case k ON k.customer_id = p.customer_id
WHERE p.customer_id > :after AND p.rung IN (0, 6) AND p.method NOT IN ('elsewhere', 'manual', 'empty', 'placeholder', 'unreadable')
    AND c.address IS NOT NULL AND c.gone_at IS NULL AND coalesce(k.state, 'open') <> 'decided'
ORDER BY p.customer_id LIMIT :many
