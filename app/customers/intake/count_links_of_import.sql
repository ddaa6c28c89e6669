-- How many links of each kind have the customers whose rows this import wrote last?
SELECT l.how, count(*) AS links
FROM customer_link l JOIN customer a ON a.id = l.customer_id JOIN customer b ON b.id = l.other_id
WHERE a.import_id = :import_id OR b.import_id = :import_id
GROUP BY l.how
