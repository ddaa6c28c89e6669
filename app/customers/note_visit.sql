-- This customer was visited on that day.
UPDATE customer SET last_visit_on = CAST(:day AS date) WHERE id = :customer_id
