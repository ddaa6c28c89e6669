-- Behind which customer does the next part of a block begin (NULL when this part is the last)?
SELECT customer_id FROM placement
WHERE customer_id >= CAST(:first AS bigint) AND customer_id < CAST(:beyond AS bigint)
ORDER BY customer_id OFFSET :rows LIMIT 1
