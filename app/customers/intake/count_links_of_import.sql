-- How many links of each kind have the customers whose rows this import wrote last? (Each side for itself: asked for either at
-- once, a planner without statistics pairs everybody with everybody.)
SELECT how, count(*) AS links
FROM (
    SELECT l.customer_id, l.other_id, l.how
    FROM customer_link l JOIN customer c ON c.id = l.customer_id WHERE c.import_id = :import_id
    UNION
    SELECT l.customer_id, l.other_id, l.how
    FROM customer_link l JOIN customer c ON c.id = l.other_id WHERE c.import_id = :import_id
) AS mine
GROUP BY how
