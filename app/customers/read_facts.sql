-- What do these customers count as, wherever they stand?
SELECT c.id, c.standing = 'existing' AS existing, p.geom IS NOT NULL AS located, p.rung, c.tier,
    c.filed, coalesce(c.last_visit_on >= date_trunc('month', current_date), false) AS visited, p.unit_code, c.household_no
FROM customer c JOIN placement p ON p.customer_id = c.id
WHERE c.id = ANY(CAST(:ids AS bigint[])) AND c.gone_at IS NULL
