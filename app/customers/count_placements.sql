-- How many customers of the whole bank stand on each rung, with a point, and with an address that says nothing?
SELECT p.rung, count(*) AS customers, count(p.geom) AS located,
    count(*) FILTER (WHERE p.geom IS NULL AND p.method = ANY(CAST(:unreadable AS text[]))) AS unreadable
FROM placement p
WHERE NOT EXISTS (SELECT 1 FROM customer c WHERE c.id = p.customer_id AND c.gone_at IS NOT NULL)
GROUP BY p.rung
