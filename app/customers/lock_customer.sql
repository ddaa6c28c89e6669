-- When was this customer last visited (he waits for whoever else writes it)?
SELECT id, last_visit_on FROM customer WHERE id = :customer_id FOR UPDATE
