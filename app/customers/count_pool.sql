-- Why do customers in sight stand in no grid: an open question by its kind, else what is known of the address?
SELECT CASE
        WHEN k.kind IS NOT NULL THEN k.kind
        WHEN coalesce(c.address, '') = '' THEN 'no_address'
        WHEN a.method = 'outside' OR p.method = 'outside' THEN 'outside'
        WHEN p.rung = 6 THEN 'town_only'
        ELSE 'unreadable' END AS reason,
    k.kind IS NOT NULL AS asked, count(*) AS customers
FROM assignment a
JOIN customer c ON c.id = a.customer_id
JOIN placement p ON p.customer_id = a.customer_id
LEFT JOIN placement_case k ON k.customer_id = a.customer_id AND k.state <> 'decided'
WHERE a.grid_id IS NULL
GROUP BY 1, 2
ORDER BY 3 DESC, 1
