-- How many customers are there, and for how many of them has somebody decided where they live?
SELECT count(*) AS customers,
    count(*) FILTER (WHERE p.method = ANY (CAST(:by_hand AS text[])) OR k.state = 'decided') AS decided
FROM customer c
LEFT JOIN placement p ON p.customer_id = c.id
LEFT JOIN placement_case k ON k.customer_id = c.id
WHERE c.gone_at IS NULL
