-- Which customers came in and have not been assigned yet?
SELECT p.customer_id AS id FROM placement p JOIN customer c ON c.id = p.customer_id
WHERE c.gone_at IS NULL AND NOT EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = p.customer_id)
ORDER BY 1 LIMIT :most
