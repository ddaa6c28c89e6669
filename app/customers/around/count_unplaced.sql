-- How many customers in sight have no point of their own, so that no distance can be told of them?
SELECT count(*) FILTER (WHERE a.standing = 'existing') AS existing, count(*) FILTER (WHERE a.standing = 'prospect') AS prospects
FROM assignment_row a
JOIN customer c ON c.id = a.customer_id AND c.gone_at IS NULL
WHERE a.geom IS NULL
