-- Does the bank know any customer at all?
SELECT EXISTS (SELECT 1 FROM customer)
