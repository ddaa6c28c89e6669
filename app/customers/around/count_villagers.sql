-- How many customers in sight belong to each village, with a point of their own or without one?
SELECT coalesce(p.unit_code, g.unit_codes[1]) AS code,
    count(*) FILTER (WHERE a.standing = 'existing') AS existing, count(*) FILTER (WHERE a.standing = 'prospect') AS prospects
FROM assignment a
JOIN placement p ON p.customer_id = a.customer_id
JOIN customer c ON c.id = a.customer_id AND c.gone_at IS NULL
LEFT JOIN grid g ON g.id = a.grid_id
GROUP BY 1
