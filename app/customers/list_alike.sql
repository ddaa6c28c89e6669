-- Which other cases in sight that nobody has decided are written alike, down to the village?
SELECT customer_id FROM placement_case
WHERE prefix = :prefix AND prefix <> '' AND state <> 'decided' AND customer_id <> :customer_id
ORDER BY customer_id LIMIT :most
