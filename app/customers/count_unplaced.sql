-- How many customers may a map service be asked about at most?
SELECT count(*) FROM placement p
LEFT JOIN placement_case k ON k.customer_id = p.customer_id
WHERE p.rung IN (0, 6) AND p.method NOT IN ('elsewhere', 'manual', 'empty', 'placeholder', 'unreadable')
    AND coalesce(k.state, 'open') <> 'decided'
    AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.id = p.customer_id AND c.gone_at IS NOT NULL)
