-- Of which customers was something decided since a run began to read?
SELECT DISTINCT unnest(customer_ids) AS customer_id FROM household_step WHERE id > :last_step
