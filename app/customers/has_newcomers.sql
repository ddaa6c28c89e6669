-- Has the newest customer of a block no assignment yet? Who comes in without a grid comes at the end of his block.
SELECT b.id FROM customer_block b CROSS JOIN LATERAL (
    SELECT p.customer_id FROM placement p JOIN customer c ON c.id = p.customer_id AND c.gone_at IS NULL
    WHERE p.customer_id < (b.id + 1) * CAST(1000000000 AS bigint)
        AND (b.id = 0 OR p.customer_id >= b.id * CAST(1000000000 AS bigint))
    ORDER BY p.customer_id DESC LIMIT 1) last
WHERE b.state = 'ready' AND NOT EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = last.customer_id)
LIMIT 1
